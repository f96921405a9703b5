/*
 * Stands before the C library's syncs, by LD_PRELOAD:
 *   FSYNC_FAILS_ONCE   path of a file; when it is there, a sync removes it and fails with EIO, having synced nothing.
 *                      The next one succeeds, as Linux has it after a page could not be written.
 *   FSYNC_DELAY_MS     how much longer each sync takes
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_or_fail(int fd, const char *name) {
  const char *delay = getenv("FSYNC_DELAY_MS");
  const char *fault = getenv("FSYNC_FAILS_ONCE");
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (delay != NULL) usleep((useconds_t)atoi(delay) * 1000);
  if (fault != NULL && unlink(fault) == 0) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}

int fsync(int fd) { return sync_or_fail(fd, "fsync"); }

int fdatasync(int fd) { return sync_or_fail(fd, "fdatasync"); }
