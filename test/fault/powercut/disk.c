// A disk that remembers. Loaded into a process by LD_PRELOAD, it writes down every call that changes a file below one
// folder, and every sync, so that replay.ts can rebuild the folder as the power cut would have left it. It can also
// strike: kill the process before its n-th such call, or let that call fail.
//
// DISK_FOLDER   the folder, absolute and free of symbolic links
// DISK_LOG      where to write; all processes append to it, one record per write(2), so that records never mix
// DISK_STRIKE   "<any|write|sync>:<n>:<kill|EIO|ENOSPC>:<times>", counted from 1 over all threads of a process
// DISK_ARM      the count begins once this file exists; without it, it begins at once
//
// Every call goes to the kernel directly (syscall), so that nothing here depends on the order of libraries. What stdio
// writes is not seen (glibc does not call its own write through the table); of PostgreSQL's files only caches and
// statistics come that way. Not written down: SQLite's memory (…-shm) and the ballast, which hold nothing to be kept.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITE = 1, RESIZE, GROW, SYNC, SYNC_FOLDER, CREATE, LINK, RENAME, UNLINK, MKDIR, RMDIR, STRUCK };

/** The head of a record, as replay.ts reads it; `bytes` of content follow. `at` is an offset, a size or a log position. */
struct head {
	uint32_t kind, bytes;
	uint64_t nanoseconds, inode, at;
};

static char folder[PATH_MAX], arm[PATH_MAX], strike_call[8];
static size_t folder_length;
static int log_file = -1, strike_error;
static long strike_at, strike_times;
static atomic_long calls;
static atomic_bool armed;

__attribute__((constructor)) static void begin(void) {
	const char *where = getenv("DISK_FOLDER"), *log = getenv("DISK_LOG");
	const char *strike = getenv("DISK_STRIKE"), *arming = getenv("DISK_ARM");
	char what[8] = "";
	if (where == NULL || log == NULL || strlen(where) >= sizeof folder) {
		return;
	}
	log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_file < 0) {
		perror(log);
		abort();
	}
	if (strike != NULL && sscanf(strike, "%7[a-z]:%ld:%7[A-Za-z]:%ld", strike_call, &strike_at, what, &strike_times) == 4) {
		strike_error = strcmp(what, "EIO") == 0 ? EIO : strcmp(what, "ENOSPC") == 0 ? ENOSPC : 0;
	}
	strncpy(arm, arming == NULL ? "" : arming, sizeof arm - 1);
	armed = arming == NULL;
	folder_length = strlen(strcpy(folder, where));
}

static void record(enum kind kind, uint64_t inode, uint64_t at, const struct iovec *content, int pieces, size_t bytes) {
	struct timespec now;
	struct iovec all[1 + IOV_MAX];
	clock_gettime(CLOCK_MONOTONIC, &now);
	struct head head = {kind, (uint32_t)bytes, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, inode, at};
	size_t left = bytes, count = 1;
	all[0] = (struct iovec){&head, sizeof head};
	for (int piece = 0; piece < pieces && left > 0; piece++) {
		size_t length = content[piece].iov_len < left ? content[piece].iov_len : left;
		all[count++] = (struct iovec){content[piece].iov_base, length};
		left -= length;
	}
	int before = errno;
	if (syscall(SYS_writev, log_file, all, count) != (long)(sizeof head + bytes)) {
		abort(); // A log with a hole would prove nothing.
	}
	errno = before;
}

static void record_path(enum kind kind, uint64_t inode, uint64_t at, const char *path) {
	struct iovec content = {(void *)path, strlen(path)};
	record(kind, inode, at, &content, 1, content.iov_len);
}

static bool below(const char *path) {
	size_t length = strlen(path);
	return folder_length > 0 && strncmp(path, folder, folder_length) == 0 &&
		(path[folder_length] == '/' || path[folder_length] == 0) &&
		!(length > 4 && strcmp(path + length - 4, "-shm") == 0) && strstr(path + folder_length, "/ballast") == NULL;
}

/** The absolute path, and whether it is in the folder. */
static bool resolve(int at, const char *path, char whole[2 * PATH_MAX]) {
	char base[PATH_MAX] = "", link[64];
	if (folder_length == 0 || path == NULL) {
		return false;
	}
	if (path[0] != '/') {
		snprintf(link, sizeof link, at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
		ssize_t length = readlink(link, base, sizeof base - 2);
		if (length < 0) {
			return false;
		}
		base[length] = '/';
	}
	snprintf(whole, 2 * PATH_MAX, "%s%s", base, path);
	return below(whole);
}

/** Whether the open file is in the folder. Remembered per descriptor, and checked by inode since descriptors are reused. */
static bool ours(int file, struct stat *status) {
	static struct { dev_t device; ino_t inode; bool is_ours; } known[4096];
	char link[64], path[PATH_MAX];
	if (folder_length == 0 || file == log_file || fstat(file, status) != 0 ||
		!(S_ISREG(status->st_mode) || S_ISDIR(status->st_mode))) {
		return false;
	}
	bool fits = file < (int)(sizeof known / sizeof *known);
	if (fits && known[file].inode == status->st_ino && known[file].device == status->st_dev) {
		return known[file].is_ours;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	ssize_t length = readlink(link, path, sizeof path - 1);
	path[length < 0 ? 0 : length] = 0;
	bool is_ours = below(path);
	if (fits) {
		known[file].device = status->st_dev;
		known[file].inode = status->st_ino;
		known[file].is_ours = is_ours;
	}
	return is_ours;
}

/** Counts the call; true when it is the one that fails, with errno set. Does not return when it is the one that kills. */
static bool strikes(const char *call, uint64_t inode) {
	if (strike_at == 0 || (strcmp(strike_call, "any") != 0 && strcmp(strike_call, call) != 0) ||
		!(armed || (armed = access(arm, F_OK) == 0))) {
		return false;
	}
	long number = atomic_fetch_add(&calls, 1) + 1;
	if (number < strike_at || number >= strike_at + strike_times) {
		return false;
	}
	record(STRUCK, inode, (uint64_t)number, NULL, 0, 0);
	if (strike_error == 0) {
		kill(getpid(), SIGKILL);
		for (;;) {
			pause();
		}
	}
	errno = strike_error;
	return true;
}

static ssize_t written(int file, const struct iovec *content, int pieces, int64_t offset) {
	struct stat status;
	bool is_ours = ours(file, &status);
	if (is_ours && strikes("write", status.st_ino)) {
		return -1;
	}
	ssize_t bytes = offset < 0 ? syscall(SYS_writev, file, content, pieces)
							   : syscall(SYS_pwritev, file, content, pieces, offset, 0);
	if (is_ours && bytes > 0) {
		int64_t at = offset < 0 ? lseek(file, 0, SEEK_CUR) - bytes : offset;
		record(WRITE, status.st_ino, (uint64_t)at, content, pieces, (size_t)bytes);
	}
	return bytes;
}

ssize_t write(int file, const void *bytes, size_t count) {
	return written(file, &(struct iovec){(void *)bytes, count}, 1, -1);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
	return written(file, &(struct iovec){(void *)bytes, count}, 1, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
	return written(file, &(struct iovec){(void *)bytes, count}, 1, offset);
}
ssize_t writev(int file, const struct iovec *content, int pieces) { return written(file, content, pieces, -1); }
ssize_t pwritev(int file, const struct iovec *content, int pieces, off_t at) { return written(file, content, pieces, at); }
ssize_t pwritev64(int file, const struct iovec *content, int pieces, off64_t at) {
	return written(file, content, pieces, at);
}

static int sized(int file, enum kind kind, off64_t size, long call, off64_t extra) {
	struct stat status;
	bool is_ours = ours(file, &status);
	if (is_ours && strikes("write", status.st_ino)) {
		return -1;
	}
	int result = (int)(kind == RESIZE ? syscall(call, file, size) : syscall(call, file, 0, extra, size - extra));
	if (is_ours && result == 0) {
		record(kind, status.st_ino, (uint64_t)size, NULL, 0, 0);
	}
	return result;
}
int ftruncate(int file, off_t size) { return sized(file, RESIZE, size, SYS_ftruncate, 0); }
int ftruncate64(int file, off64_t size) { return sized(file, RESIZE, size, SYS_ftruncate, 0); }
int posix_fallocate(int file, off_t at, off_t length) {
	return sized(file, GROW, at + length, SYS_fallocate, at) == 0 ? 0 : errno;
}
int posix_fallocate64(int file, off64_t at, off64_t length) { return posix_fallocate(file, at, length); }

/** A sync covers what was in the log when it began; what others wrote meanwhile may be on the disk or not. */
static int synced(int file, long call) {
	struct stat status, log;
	char link[64], path[PATH_MAX] = "";
	bool is_ours = ours(file, &status);
	if (is_ours && (strikes("sync", status.st_ino) || fstat(log_file, &log) != 0)) {
		return -1;
	}
	int result = (int)syscall(call, file);
	if (is_ours && result == 0 && S_ISDIR(status.st_mode)) {
		snprintf(link, sizeof link, "/proc/self/fd/%d", file);
		if (readlink(link, path, sizeof path - 1) < 0) {
			abort();
		}
		record_path(SYNC_FOLDER, status.st_ino, (uint64_t)log.st_size, path);
	} else if (is_ours && result == 0) {
		record(SYNC, status.st_ino, (uint64_t)log.st_size, NULL, 0, 0);
	}
	return result;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static int opened(int at, const char *path, int flags, mode_t mode) {
	char whole[2 * PATH_MAX];
	struct stat status;
	bool is_ours = resolve(at, path, whole);
	bool existed = is_ours && fstatat(at, path, &status, 0) == 0;
	bool creates = is_ours && (flags & O_CREAT) != 0 && !existed;
	bool empties = existed && (flags & O_TRUNC) != 0;
	if ((creates || empties) && strikes("write", existed ? status.st_ino : 0)) {
		return -1;
	}
	int file = (int)syscall(SYS_openat, at, path, flags, mode);
	if (file >= 0 && (creates || empties) && fstat(file, &status) == 0) {
		record_path(creates ? CREATE : RESIZE, status.st_ino, 0, creates ? whole : "");
	}
	return file;
}
#define MODE(flags) \
	mode_t mode = 0; \
	if ((flags) & (O_CREAT | O_TMPFILE)) { \
		va_list rest; \
		va_start(rest, flags); \
		mode = va_arg(rest, mode_t); \
		va_end(rest); \
	}
int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }

/** Calls on names. A record of two paths holds both, a zero byte between them. */
static int named(enum kind kind, const char *path, const char *other, long result_of(const char *, const char *)) {
	char whole[2 * PATH_MAX], next[2 * PATH_MAX], both[4 * PATH_MAX];
	struct stat status = {0};
	bool is_ours = resolve(AT_FDCWD, other == NULL ? path : other, next);
	if (is_ours && kind != MKDIR) {
		lstat(path, &status);
	}
	if (is_ours && strikes("write", status.st_ino)) {
		return -1;
	}
	int result = (int)result_of(path, other);
	if (is_ours && result == 0) {
		resolve(AT_FDCWD, path, whole);
		int length = snprintf(both, sizeof both, "%s%c%s", whole, 0, other == NULL ? "" : next);
		record(kind, status.st_ino, 0, &(struct iovec){both, (size_t)length}, 1, (size_t)length);
	}
	return result;
}
static long do_rename(const char *path, const char *next) {
	return syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, next, 0);
}
static long do_link(const char *path, const char *next) { return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, next, 0); }
static long do_unlink(const char *path, const char *_) { return (void)_, syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
static long do_rmdir(const char *path, const char *_) { return (void)_, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
static _Thread_local mode_t folder_mode;
static long do_mkdir(const char *path, const char *_) { return (void)_, syscall(SYS_mkdirat, AT_FDCWD, path, folder_mode); }
int rename(const char *path, const char *next) { return named(RENAME, path, next, do_rename); }
int link(const char *path, const char *next) { return named(LINK, path, next, do_link); }
int unlink(const char *path) { return named(UNLINK, path, NULL, do_unlink); }
int rmdir(const char *path) { return named(RMDIR, path, NULL, do_rmdir); }
int remove(const char *path) {
	int result = unlink(path);
	return result == 0 || (errno != EISDIR && errno != EPERM) ? result : rmdir(path);
}
int mkdir(const char *path, mode_t mode) { return folder_mode = mode, named(MKDIR, path, NULL, do_mkdir); }
