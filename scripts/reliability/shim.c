/* Preloaded into a build: counts operations on files below a folder, fails one of them, and records
   what a power loss would need. The control block is a file that all processes map. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FAIL = 1, SHORT = 2, KILL = 3 };

/* Has the same layout as shim.Control. */
struct control {
  long armed, kinds, seen, first, last, error, action, record;
  char folder[512], log[512], hit[1024];
};
static struct control *control;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("RELIABILITY_SHIM");
  int fd = path ? open(path, O_RDWR) : -1;
  if (fd < 0) return;
  void *block = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (block != MAP_FAILED) control = block;
  close(fd);
}

/* The order of shim.KINDS. */
enum { OPEN, READ, WRITE, FSYNC, RENAME, EXCHANGE, MKDIR, UNLINK, LOCK };
static const char *NAMES[] = {"open", "read", "write", "fsync", "rename", "exchange", "mkdir", "unlink", "lock"};

static int below(const char *path) {
  return control && path && !strncmp(path, control->folder, strlen(control->folder));
}
static int armed(void) { return control && (control->armed || control->record); }

static const char *of_handle(int fd, char *space) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, space, 1023);
  if (n < 0) return 0;
  space[n] = 0;
  return space;
}
static const char *at(int dir, const char *path, char *space) {
  char parent[1024];
  if (!path || path[0] == '/') return path;
  if (dir == AT_FDCWD) {
    if (!getcwd(parent, sizeof parent)) return path;
  } else if (!of_handle(dir, parent)) return path;
  snprintf(space, 1024, "%s/%s", parent, path);
  return space;
}

/* Append a line to the record: the operation, and its tab-separated fields. */
static void note(const char *operation, const char *one, const char *two) {
  if (!control || !control->record) return;
  char line[2200];
  int n = snprintf(line, sizeof line, "%s\t%s\t%s\n", operation, one, two);
  int fd = syscall(SYS_openat, AT_FDCWD, control->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (syscall(SYS_write, fd, line, n) < 0) abort();
  syscall(SYS_close, fd);
}

/* The recorded folder itself counts, too. */
static int recorded(const char *path) {
  size_t n = strlen(control->folder);
  return below(path) || (n && !strncmp(path, control->folder, n - 1) && !path[n - 1]);
}

/* Keep what a synced file contains now, as `log.NUMBER`; return the number, or "" for a folder. */
static void note_sync(int fd) {
  char path[1024], copy[600], number[32], name[64], data[65536];
  struct stat about;
  if (!control || !control->record || !of_handle(fd, path) || !recorded(path) || fstat(fd, &about)) return;
  if (S_ISDIR(about.st_mode)) { note("fsync", path, ""); return; }
  long n = __atomic_add_fetch(&control->record, 1, __ATOMIC_SEQ_CST);
  snprintf(number, sizeof number, "%ld", n);
  snprintf(copy, sizeof copy, "%s.%s", control->log, number);
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int in = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
  int out = syscall(SYS_openat, AT_FDCWD, copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ssize_t size;
  while (in >= 0 && out >= 0 && (size = syscall(SYS_read, in, data, sizeof data)) > 0)
    if (syscall(SYS_write, out, data, size) < 0) abort();
  syscall(SYS_close, in);
  syscall(SYS_close, out);
  note("fsync", path, number);
}

/* Return 1 if this operation is to fail. */
static int hit(int kind, const char *path) {
  if (!control || !control->armed || !(control->kinds >> kind & 1) || !below(path)) return 0;
  long n = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
  if (n < control->first || n > control->last) return 0;
  if (n == control->first) snprintf(control->hit, sizeof control->hit, "%s %s", NAMES[kind], path);
  if (control->action == KILL) { kill(getpid(), SIGKILL); pause(); }
  errno = control->error;
  return 1;
}
static int hit_handle(int kind, int fd) {
  char path[1024];
  int before = errno;
  if (!control || !control->armed || fd < 3) return 0;
  if (hit(kind, of_handle(fd, path))) return 1;
  errno = before;
  return 0;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = dlsym(RTLD_NEXT, name)

static int opens(int dir, const char *path, int flags) {
  char space[1024];
  if (!armed()) return 0;
  const char *full = at(dir, path, space);
  return hit(OPEN, full);
}
static int opened(int dir, const char *path, int flags, int fd) {
  char space[1024];
  if (fd >= 0 && control && control->record && flags & O_CREAT && (flags & O_TMPFILE) != O_TMPFILE) {
    const char *full = at(dir, path, space);
    if (below(full)) note(flags & O_TRUNC ? "truncate" : "create", full, "");
  }
  return fd;
}
#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) {
  REAL(int, "open", const char *, int, ...); MODE(flags)
  return opens(AT_FDCWD, path, flags) ? -1 : opened(AT_FDCWD, path, flags, real(path, flags, mode));
}
int open64(const char *path, int flags, ...) {
  REAL(int, "open64", const char *, int, ...); MODE(flags)
  return opens(AT_FDCWD, path, flags) ? -1 : opened(AT_FDCWD, path, flags, real(path, flags, mode));
}
int openat(int dir, const char *path, int flags, ...) {
  REAL(int, "openat", int, const char *, int, ...); MODE(flags)
  return opens(dir, path, flags) ? -1 : opened(dir, path, flags, real(dir, path, flags, mode));
}
int openat64(int dir, const char *path, int flags, ...) {
  REAL(int, "openat64", int, const char *, int, ...); MODE(flags)
  return opens(dir, path, flags) ? -1 : opened(dir, path, flags, real(dir, path, flags, mode));
}
FILE *fopen64(const char *path, const char *how) {
  REAL(FILE *, "fopen64", const char *, const char *);
  return opens(AT_FDCWD, path, 0) ? 0 : real(path, how);
}
ssize_t read(int fd, void *to, size_t n) {
  REAL(ssize_t, "read", int, void *, size_t);
  if (hit_handle(READ, fd)) { if (control->action == SHORT && n > 1) return real(fd, to, n / 2); return -1; }
  return real(fd, to, n);
}
ssize_t pread64(int fd, void *to, size_t n, off_t from) {
  REAL(ssize_t, "pread64", int, void *, size_t, off_t);
  if (hit_handle(READ, fd)) { if (control->action == SHORT && n > 1) return real(fd, to, n / 2, from); return -1; }
  return real(fd, to, n, from);
}
ssize_t write(int fd, const void *from, size_t n) {
  REAL(ssize_t, "write", int, const void *, size_t);
  if (hit_handle(WRITE, fd)) { if (control->action == SHORT && n > 1) return real(fd, from, n / 2); return -1; }
  return real(fd, from, n);
}
ssize_t pwrite64(int fd, const void *from, size_t n, off_t to) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
  if (hit_handle(WRITE, fd)) { if (control->action == SHORT && n > 1) return real(fd, from, n / 2, to); return -1; }
  return real(fd, from, n, to);
}
int ftruncate64(int fd, off_t size) {
  REAL(int, "ftruncate64", int, off_t);
  return hit_handle(WRITE, fd) ? -1 : real(fd, size);
}
int posix_fallocate64(int fd, off_t from, off_t n) {
  REAL(int, "posix_fallocate64", int, off_t, off_t);
  return hit_handle(WRITE, fd) ? (int)control->error : real(fd, from, n);
}
int fsync(int fd) {
  REAL(int, "fsync", int);
  if (hit_handle(FSYNC, fd)) return -1;
  int result = real(fd);
  if (!result) note_sync(fd);
  return result;
}
int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  if (hit_handle(FSYNC, fd)) return -1;
  int result = real(fd);
  if (!result) note_sync(fd);
  return result;
}
static int moved(const char *name, int d, const char *from, int e, const char *to, int result) {
  char one[1024], two[1024];
  if (!result && control && control->record) {
    const char *a = at(d, from, one), *b = at(e, to, two);
    if (below(a) || below(b)) note(name, a, b);
  }
  return result;
}
int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  char space[1024];
  if (armed() && hit(RENAME, at(AT_FDCWD, from, space))) return -1;
  return moved("rename", AT_FDCWD, from, AT_FDCWD, to, real(from, to));
}
int renameat(int d, const char *from, int e, const char *to) {
  REAL(int, "renameat", int, const char *, int, const char *);
  char space[1024];
  if (armed() && hit(RENAME, at(d, from, space))) return -1;
  return moved("rename", d, from, e, to, real(d, from, e, to));
}
int renameat2(int d, const char *from, int e, const char *to, unsigned flags) {
  REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
  char space[1024];
  int exchange = flags & RENAME_EXCHANGE;
  if (armed() && hit(exchange ? EXCHANGE : RENAME, at(d, from, space))) return -1;
  return moved(exchange ? "exchange" : "rename", d, from, e, to, real(d, from, e, to, flags));
}
static int named(const char *name, int d, const char *path, int result) {
  char space[1024];
  if (!result && control && control->record) {
    const char *full = at(d, path, space);
    if (below(full)) note(name, full, "");
  }
  return result;
}
int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  char space[1024];
  if (armed() && hit(MKDIR, at(AT_FDCWD, path, space))) return -1;
  return named("mkdir", AT_FDCWD, path, real(path, mode));
}
int mkdirat(int d, const char *path, mode_t mode) {
  REAL(int, "mkdirat", int, const char *, mode_t);
  char space[1024];
  if (armed() && hit(MKDIR, at(d, path, space))) return -1;
  return named("mkdir", d, path, real(d, path, mode));
}
int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  char space[1024];
  if (armed() && hit(UNLINK, at(AT_FDCWD, path, space))) return -1;
  return named("unlink", AT_FDCWD, path, real(path));
}
int unlinkat(int d, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  char space[1024];
  if (armed() && hit(UNLINK, at(d, path, space))) return -1;
  return named("unlink", d, path, real(d, path, flags));
}
int rmdir(const char *path) {
  REAL(int, "rmdir", const char *);
  char space[1024];
  if (armed() && hit(UNLINK, at(AT_FDCWD, path, space))) return -1;
  return named("unlink", AT_FDCWD, path, real(path));
}
int flock(int fd, int operation) {
  REAL(int, "flock", int, int);
  return hit_handle(LOCK, fd) ? -1 : real(fd, operation);
}
