/*
 * Stands before the C library's writes, by LD_PRELOAD, and makes a folder a disk of its own:
 *   DISK         path of the folder
 *   DISK_BYTES   what all its files may have together; a write that would make it more fails with ENOSPC
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the disk has no room for a write that ends there; -1 for the end of the file. */
static int is_full(int fd, off_t end) {
  const char *disk = getenv("DISK");
  char link[64], path[4096];
  struct stat status;
  if (disk == NULL || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (strncmp(path, disk, strlen(disk)) != 0 || end <= status.st_size) return 0;
  long long total = end - status.st_size;
  DIR *folder = opendir(disk);
  if (folder == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    snprintf(path, sizeof path, "%s/%s", disk, entry->d_name);
    struct stat file;
    if (stat(path, &file) == 0 && S_ISREG(file.st_mode)) total += file.st_size;
  }
  closedir(folder);
  return total > atoll(getenv("DISK_BYTES"));
}

static int fail(void) {
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  return is_full(fd, offset + (off64_t)count) ? fail() : real(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  return pwrite64(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  off_t at = lseek(fd, 0, SEEK_CUR);
  return at >= 0 && is_full(fd, at + (off_t)count) ? fail() : real(fd, bytes, count);
}
