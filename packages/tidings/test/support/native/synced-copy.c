/*
 * Keeps, beside each file that is synced, a copy of it as of its last sync: what a disk would hold after the power
 * went. Loaded with LD_PRELOAD. `restore` of the test then puts the copies in the files' place.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_copy(int fd) {
  char link[64], path[4096], temporary[4200], copy[4200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  snprintf(temporary, sizeof temporary, "%s.synced.new", path);
  snprintf(copy, sizeof copy, "%s.synced", path);
  int from = open(path, O_RDONLY), to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  off_t offset = 0;
  while (from >= 0 && to >= 0 && offset < status.st_size)
    if (sendfile(to, from, &offset, status.st_size - offset) <= 0) break;
  if (from >= 0) close(from);
  if (to >= 0) close(to);
  rename(temporary, copy);
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  int result = real(fd);
  if (result == 0) keep_copy(fd);
  return result;
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  int result = real(fd);
  if (result == 0) keep_copy(fd);
  return result;
}
