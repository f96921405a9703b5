/*
 * Stands before the C library's writes, by LD_PRELOAD: as long as the file named by DISK_FULL_WHILE is there, the disk
 * of SQLite's files (*.db and *.db-wal) is full.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_full_for(int fd) {
  const char *marker = getenv("DISK_FULL_WHILE");
  char link[64], path[4096];
  ssize_t length;
  if (marker == NULL || access(marker, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, ".db") != NULL;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (is_full_for(fd)) return errno = ENOSPC, -1;
  return real(fd, bytes, count);
}

static ssize_t write_at(int fd, const void *bytes, size_t count, off64_t offset, const char *name) {
  ssize_t (*real)(int, const void *, size_t, off64_t) =
      (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, name);
  if (is_full_for(fd)) return errno = ENOSPC, -1;
  return real(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  return write_at(fd, bytes, count, offset, "pwrite");
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return write_at(fd, bytes, count, offset, "pwrite64");
}
