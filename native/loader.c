/*
 * The one addon of the native device: opens programs (plain shared objects) and runs them on a pool of threads.
 *
 * cc -O2 -DNDEBUG -shared -fPIC -fvisibility=hidden loader.c -o loader.node -Wl,-z,nodelete -pthread -ldl
 * (macOS: -undefined dynamic_lookup instead of -z nodelete; it could not be tried there.)
 *
 * Node-API's prototypes are declared by hand: its ABI never changes, and its headers are not installed everywhere.
 * What a module of JavaScript's (a Worker has its own) has opened is in a `session`; threads, arena and scratch memory are
 * the process's, and one program runs at a time.
 */
#include "pool.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// ── Node-API ────────────────────────────────────────────────────────────────────────────────────────────────────────

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_ref__ *napi_ref;
typedef struct napi_deferred__ *napi_deferred;
typedef struct napi_callback_info__ *napi_callback_info;
typedef struct napi_threadsafe_function__ *napi_threadsafe_function;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef void (*napi_finalize)(napi_env, void *data, void *hint);
typedef void (*napi_threadsafe_function_call_js)(napi_env, napi_value callback, void *context, void *data);
typedef int napi_status; /* 0: no error */

enum { NAPI_AUTO_LENGTH = -1, NAPI_FLOAT64_ARRAY = 8, NAPI_NONBLOCKING = 0 };

napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
napi_status napi_set_named_property(napi_env, napi_value, const char *, napi_value);
napi_status napi_throw_error(napi_env, const char *, const char *);
napi_status napi_get_value_int32(napi_env, napi_value, int32_t *);
napi_status napi_create_int32(napi_env, int32_t, napi_value *);
napi_status napi_get_value_double(napi_env, napi_value, double *);
napi_status napi_create_double(napi_env, double, napi_value *);
napi_status napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
napi_status napi_create_string_utf8(napi_env, const char *, size_t, napi_value *);
napi_status napi_get_arraybuffer_info(napi_env, napi_value, void **, size_t *);
napi_status napi_get_typedarray_info(napi_env, napi_value, int *, size_t *, void **, napi_value *, size_t *);
napi_status napi_create_arraybuffer(napi_env, size_t, void **, napi_value *);
napi_status napi_create_typedarray(napi_env, int, size_t, napi_value, size_t, napi_value *);
napi_status napi_create_reference(napi_env, napi_value, uint32_t, napi_ref *);
napi_status napi_delete_reference(napi_env, napi_ref);
napi_status napi_create_promise(napi_env, napi_deferred *, napi_value *);
napi_status napi_resolve_deferred(napi_env, napi_deferred, napi_value);
napi_status napi_add_env_cleanup_hook(napi_env, void (*)(void *), void *);
napi_status napi_create_threadsafe_function(napi_env, napi_value, napi_value, napi_value, size_t, size_t, void *,
                                            napi_finalize, void *, napi_threadsafe_function_call_js,
                                            napi_threadsafe_function *);
napi_status napi_call_threadsafe_function(napi_threadsafe_function, void *, int);
napi_status napi_ref_threadsafe_function(napi_env, napi_threadsafe_function);
napi_status napi_unref_threadsafe_function(napi_env, napi_threadsafe_function);

// ── what the process has ────────────────────────────────────────────────────────────────────────────────────────────

/* Memory for temporaries. It moves when it grows, so one that a session still counts on outlives its successor. */
typedef struct {
  char *at;
  size_t bytes;
  int32_t sessions;
} arena;

typedef struct {
  program *run;
  word *block;
  napi_ref buffer; /* keeps the block alive */
  int32_t library;
  bool marks; /* whether it may tell about its kernels: clocks cost as much as calling a small program */
} entry;

/* A table whose items keep their numbers. */
typedef struct {
  void **items;
  int32_t length;
} table;

typedef struct task task;

typedef struct {
  table libraries, entries;
  arena *arena;
  napi_threadsafe_function settle;
  int32_t promises;            /* not settled; only its JavaScript's thread looks at it */
  _Atomic int32_t unfinished;  /* tasks that have not run */
  bool closing;                /* under queue.lock: its JavaScript has gone */
} session;

/* A program that has been started. */
struct task {
  task *next;
  session *session;
  entry *entry;
  napi_deferred promise;
  int32_t status;
};

static void mark_kernel(runtime *, int32_t kernel);

/* Held by whoever runs a program or changes what follows. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static runtime rt = {.threads = 1, .share = share_phase, .mark = mark_kernel};
static arena *newest;
static struct {
  /* what a thread needs: contractions, then behind that what follows one in a program */
  size_t kernels, programs;
  int32_t threads;
  size_t mapped;
} scratch;
/* of the last program that ran */
static struct {
  double *nanoseconds; /* by kernel */
  int32_t kernels, capacity;
  int64_t last;
} marks;

/* What has been started, first in, first out. */
static struct {
  task *first, **end;
  bool running; /* the thread that takes tasks from here */
  pthread_mutex_t lock;
  pthread_cond_t filled, finished;
} queue = {
    .end = &queue.first,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .filled = PTHREAD_COND_INITIALIZER,
    .finished = PTHREAD_COND_INITIALIZER,
};

// ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────────────

enum { HUGE_PAGE = 1 << 21 };

/* Zeroed pages, at least so many bytes, which are rounded up; huge ones if that is worth it. NULL if there are none. */
static char *map_memory(size_t *bytes) {
  size_t unit = *bytes >= HUGE_PAGE / 2 ? HUGE_PAGE : (size_t)sysconf(_SC_PAGESIZE);
  size_t spare = unit == HUGE_PAGE ? unit : 0; /* to align it */
  if (*bytes > ((size_t)1 << 56)) return NULL;
  *bytes = (*bytes + unit - 1) / unit * unit;
  char *at = mmap(NULL, *bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (at == MAP_FAILED) return NULL;
  if (spare == 0) return at;
  size_t before = -(uintptr_t)at % unit;
  if (before > 0) munmap(at, before);
  if (before < spare) munmap(at + before + *bytes, spare - before);
#ifdef MADV_HUGEPAGE
  madvise(at + before, *bytes, MADV_HUGEPAGE);
#endif
  return at + before;
}

static void free_arena(arena *a) {
  munmap(a->at, a->bytes);
  free(a);
}

/* The newest arena is kept for those who come. */
static void leave_arena(session *s) {
  arena *a = s->arena;
  s->arena = NULL;
  if (a && --a->sessions == 0 && a != newest) free_arena(a);
}

static bool grow_newest(size_t bytes) {
  arena *a = malloc(sizeof *a), *old = newest;
  if (!a) return false;
  *a = (arena){.bytes = bytes > 0 ? bytes : 1};
  a->at = map_memory(&a->bytes);
  if (!a->at) {
    free(a);
    return false;
  }
  newest = a;
  if (old && old->sessions == 0) free_arena(old);
  return true;
}

/* Gives each of so many threads at least so many bytes for contractions and for programs; never less than before. */
static bool map_scratch(size_t kernels, size_t programs, int32_t threads) {
  if (kernels < scratch.kernels) kernels = scratch.kernels;
  if (programs < scratch.programs) programs = scratch.programs;
  if (threads < scratch.threads) threads = scratch.threads;
  if (kernels == scratch.kernels && programs == scratch.programs && threads == scratch.threads) return true;
  if (kernels + programs > (size_t)1 << 48) return false;
  size_t page = (size_t)sysconf(_SC_PAGESIZE), stride = (kernels + programs + page - 1) / page * page;
  size_t mapped = stride * (size_t)threads;
  char *at = map_memory(&mapped);
  if (!at) return false;
  if (pool.scratch) munmap(pool.scratch, scratch.mapped);
  pool.scratch = rt.scratch = at;
  pool.stride = stride;
  scratch.kernels = kernels;
  scratch.programs = programs;
  scratch.threads = threads;
  scratch.mapped = mapped;
  return true;
}

// ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/* runtime.mark: the time since the mark before is this kernel's. In a scan a kernel has many. */
static void mark_kernel(runtime *r, int32_t kernel) {
  (void)r;
  if (kernel >= marks.capacity) {
    int32_t capacity = 2 * kernel + 64;
    double *grown = realloc(marks.nanoseconds, (size_t)capacity * sizeof *grown);
    if (!grown) return;
    marks.nanoseconds = grown;
    marks.capacity = capacity;
  }
  while (marks.kernels <= kernel) marks.nanoseconds[marks.kernels++] = 0;
  marks.nanoseconds[kernel] += (double)(nanoseconds() - marks.last);
  marks.last = nanoseconds();
}

static int32_t run_entry(entry *e) {
  pthread_mutex_lock(&turn);
  marks.kernels = 0;
  if (e->marks) marks.last = nanoseconds();
  int32_t status = e->run(&rt, e->block);
  e->marks = marks.kernels > 0;
  pthread_mutex_unlock(&turn);
  return status;
}

/* Under queue.lock. */
static void finish(task *t) {
  session *s = t->session;
  atomic_fetch_sub(&s->unfinished, 1);
  pthread_cond_broadcast(&queue.finished);
  if (s->closing || napi_call_threadsafe_function(s->settle, t, NAPI_NONBLOCKING)) free(t);
}

static void *run_tasks(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&queue.lock);
    while (!queue.first) pthread_cond_wait(&queue.filled, &queue.lock);
    task *t = queue.first;
    queue.first = t->next;
    if (!queue.first) queue.end = &queue.first;
    pthread_mutex_unlock(&queue.lock);
    t->status = run_entry(t->entry);
    pthread_mutex_lock(&queue.lock);
    finish(t);
    pthread_mutex_unlock(&queue.lock);
  }
  return NULL;
}

/* Returns when all that the session has started has run: what comes now comes after it. */
static void drain(session *s) {
  if (atomic_load(&s->unfinished) == 0) return;
  pthread_mutex_lock(&queue.lock);
  while (atomic_load(&s->unfinished) > 0) pthread_cond_wait(&queue.finished, &queue.lock);
  pthread_mutex_unlock(&queue.lock);
}

/* fork(), not followed by exec: only the thread that called it goes on. */
static void after_fork(void) {
  forget_workers();
  queue.running = false;
  pthread_mutex_init(&turn, NULL);
  pthread_mutex_init(&queue.lock, NULL);
  pthread_cond_init(&queue.filled, NULL);
  pthread_cond_init(&queue.finished, NULL);
}

// ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/* The number of a new item; below 0 if there is no memory. */
static int32_t add_item(table *t, void *item) {
  for (int32_t i = 0; i < t->length; i++)
    if (!t->items[i]) {
      t->items[i] = item;
      return i;
    }
  int32_t length = 2 * t->length + 16;
  void **grown = realloc(t->items, (size_t)length * sizeof *grown);
  if (!grown) return -1;
  memset(grown + t->length, 0, (size_t)(length - t->length) * sizeof *grown);
  int32_t i = t->length;
  t->items = grown;
  t->length = length;
  grown[i] = item;
  return i;
}

static void *item_of(const table *t, int32_t i) { return i >= 0 && i < t->length ? t->items[i] : NULL; }

// ── what JavaScript calls ───────────────────────────────────────────────────────────────────────────────────────────

static napi_value fail(napi_env env, const char *text) {
  napi_throw_error(env, "E_NATIVE", text);
  return NULL;
}

/* The session and the arguments of a call; what is missing is undefined, and no reader below takes that. */
static session *arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  void *s = NULL;
  napi_get_cb_info(env, info, &count, values, NULL, &s);
  return s;
}

static bool path_of(napi_env env, napi_value value, char path[4096]) {
  size_t length;
  return napi_get_value_string_utf8(env, value, path, 4096, &length) == 0 && length < 4095;
}

static napi_value int_of(napi_env env, int32_t number) {
  napi_value result = NULL;
  napi_create_int32(env, number, &result);
  return result;
}

static napi_value open_library(napi_env env, napi_callback_info info) {
  napi_value path_value;
  char path[4096];
  session *s = arguments(env, info, 1, &path_value);
  if (!path_of(env, path_value, path)) return fail(env, "open(path): no path");
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail(env, dlerror());
  int32_t number = add_item(&s->libraries, library);
  if (number >= 0) return int_of(env, number);
  dlclose(library);
  return fail(env, "open(path): out of memory");
}

static napi_value close_library(napi_env env, napi_callback_info info) {
  napi_value value;
  int32_t number;
  session *s = arguments(env, info, 1, &value);
  if (napi_get_value_int32(env, value, &number) || !item_of(&s->libraries, number))
    return fail(env, "close(library): no such library");
  for (int32_t i = 0; i < s->entries.length; i++) {
    entry *e = s->entries.items[i];
    if (e && e->library == number) return fail(env, "close(library): it has programs that are not released");
  }
  dlclose(s->libraries.items[number]);
  s->libraries.items[number] = NULL;
  return NULL;
}

static napi_value make_entry(napi_env env, napi_callback_info info) {
  napi_value values[3];
  int32_t library;
  char symbol[4096];
  void *block;
  size_t length;
  session *s = arguments(env, info, 3, values);
  if (napi_get_value_int32(env, values[0], &library) || !item_of(&s->libraries, library))
    return fail(env, "entry(library, symbol, block): no such library");
  if (!path_of(env, values[1], symbol)) return fail(env, "entry(library, symbol, block): no symbol");
  if (napi_get_arraybuffer_info(env, values[2], &block, &length) || length < sizeof(word))
    return fail(env, "entry(library, symbol, block): the block is no ArrayBuffer of at least one word");
  program *run;
  *(void **)&run = dlsym(s->libraries.items[library], symbol);
  if (!run) return fail(env, dlerror());
  entry *e = malloc(sizeof *e);
  if (!e) return fail(env, "entry(library, symbol, block): out of memory");
  *e = (entry){.run = run, .block = block, .library = library, .marks = true};
  int32_t number = add_item(&s->entries, e);
  if (number >= 0 && napi_create_reference(env, values[2], 1, &e->buffer) == 0) return int_of(env, number);
  if (number >= 0) s->entries.items[number] = NULL;
  free(e);
  return fail(env, "entry(library, symbol, block): out of memory");
}

/* The entry that the only argument names; throws and gives NULL if there is none. */
static entry *entry_argument(napi_env env, napi_callback_info info, session **s, int32_t *number) {
  napi_value value;
  *s = arguments(env, info, 1, &value);
  entry *e = napi_get_value_int32(env, value, number) ? NULL : item_of(&(*s)->entries, *number);
  if (!e) fail(env, "no such program");
  return e;
}

static napi_value release_entry(napi_env env, napi_callback_info info) {
  session *s;
  int32_t number;
  entry *e = entry_argument(env, info, &s, &number);
  if (!e) return NULL;
  drain(s);
  napi_delete_reference(env, e->buffer);
  s->entries.items[number] = NULL;
  free(e);
  return NULL;
}

static napi_value run_now(napi_env env, napi_callback_info info) {
  session *s;
  int32_t number;
  entry *e = entry_argument(env, info, &s, &number);
  if (!e) return NULL;
  drain(s);
  return int_of(env, run_entry(e));
}

static napi_value start(napi_env env, napi_callback_info info) {
  session *s;
  int32_t number;
  napi_value promise = NULL;
  entry *e = entry_argument(env, info, &s, &number);
  if (!e) return NULL;
  task *t = malloc(sizeof *t);
  if (!t) return fail(env, "start(program): out of memory");
  *t = (task){.session = s, .entry = e};
  pthread_mutex_lock(&queue.lock);
  if (!queue.running) queue.running = start_thread(run_tasks, NULL);
  if (!queue.running || napi_create_promise(env, &t->promise, &promise)) {
    pthread_mutex_unlock(&queue.lock);
    free(t);
    return fail(env, "start(program): the system gives no thread");
  }
  *queue.end = t;
  queue.end = &t->next;
  atomic_fetch_add(&s->unfinished, 1);
  pthread_cond_signal(&queue.filled);
  pthread_mutex_unlock(&queue.lock);
  /* Somebody waits for it: the process stays alive. */
  if (s->promises++ == 0) napi_ref_threadsafe_function(env, s->settle);
  return promise;
}

/* On JavaScript's thread, after a task; without an environment if JavaScript is about to go. */
static void settle(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  session *s = context;
  task *t = data;
  if (env) {
    napi_resolve_deferred(env, t->promise, int_of(env, t->status));
    if (--s->promises == 0) napi_unref_threadsafe_function(env, s->settle);
  }
  free(t);
}

static napi_value wait_started(napi_env env, napi_callback_info info) {
  drain(arguments(env, info, 0, NULL));
  (void)env;
  return NULL;
}

/* The kernel library's `chainrule_probe`. */
static double (*kernels_probe)(int64_t rounds);

/* Operations that so many rounds of the probe are: whoever asks times them. */
static napi_value run_probe(napi_env env, napi_callback_info info) {
  napi_value value, result = NULL;
  double rounds;
  arguments(env, info, 1, &value);
  if (!kernels_probe || napi_get_value_double(env, value, &rounds)) return fail(env, "probe(rounds): no kernels or no number");
  napi_create_double(env, kernels_probe((int64_t)rounds), &result);
  return result;
}

static napi_value open_kernels(napi_env env, napi_callback_info info) {
  napi_value value;
  char path[4096];
  session *s = arguments(env, info, 1, &value);
  if (!path_of(env, value, path)) return fail(env, "kernels(path): no path");
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* never closed */
  if (!library) return fail(env, dlerror());
  void *contract = dlsym(library, "chainrule_contract"), *argsort = dlsym(library, "chainrule_argsort");
  void *attend = dlsym(library, "chainrule_attention"), *attend_grad = dlsym(library, "chainrule_attention_grad");
  const int64_t *bytes = dlsym(library, "chainrule_contract_scratch");
  const int64_t *more = dlsym(library, "chainrule_attention_scratch");
  void *probe = dlsym(library, "chainrule_probe");
  if (!contract || !argsort || !attend || !attend_grad || !bytes || !more || !probe)
    return fail(env, "kernels(path): this is not the kernel library");
  drain(s);
  pthread_mutex_lock(&turn);
  bool mapped = map_scratch((size_t)(*bytes > *more ? *bytes : *more), 0, rt.threads);
  if (mapped) {
    *(void **)&rt.contract = contract;
    *(void **)&rt.attend = attend;
    *(void **)&rt.attend_grad = attend_grad;
    *(void **)&rt.argsort = argsort;
    *(void **)&kernels_probe = probe;
  }
  pthread_mutex_unlock(&turn);
  return mapped ? NULL : fail(env, "kernels(path): no memory for the threads' scratch");
}

static napi_value use_threads(napi_env env, napi_callback_info info) {
  napi_value value;
  int32_t threads;
  session *s = arguments(env, info, 1, &value);
  if (napi_get_value_int32(env, value, &threads) || threads < 1 || threads > MAX_THREADS)
    return fail(env, "threads(n): n must be from 1 to 64");
  drain(s);
  pthread_mutex_lock(&turn);
  bool mapped = map_scratch(0, 0, threads);
  if (mapped) {
    rt.threads = threads;
    set_threads(threads);
  }
  pthread_mutex_unlock(&turn);
  return mapped ? NULL : fail(env, "threads(n): no memory for the threads' scratch");
}

static napi_value need_scratch(napi_env env, napi_callback_info info) {
  napi_value value;
  double bytes;
  session *s = arguments(env, info, 1, &value);
  if (napi_get_value_double(env, value, &bytes) || !(bytes >= 0)) return fail(env, "scratch(bytes): no number");
  if (bytes > 1e15) return fail(env, "scratch(bytes): no memory for the threads' scratch");
  drain(s);
  pthread_mutex_lock(&turn);
  bool mapped = map_scratch(0, (size_t)bytes, rt.threads);
  pthread_mutex_unlock(&turn);
  return mapped ? NULL : fail(env, "scratch(bytes): no memory for the threads' scratch");
}

/* Programs that the session has started may count on its arena, and somebody else's program may run in it. */
static bool enter_arena(session *s, size_t bytes) {
  drain(s);
  pthread_mutex_lock(&turn);
  bool enough = (newest && newest->bytes >= bytes) || grow_newest(bytes);
  if (enough) {
    leave_arena(s);
    s->arena = newest;
    newest->sessions++;
  }
  pthread_mutex_unlock(&turn);
  return enough;
}

static napi_value get_arena(napi_env env, napi_callback_info info) {
  napi_value value, result = NULL;
  double bytes;
  session *s = arguments(env, info, 1, &value);
  if (napi_get_value_double(env, value, &bytes) || !(bytes >= 0)) return fail(env, "arena(bytes): no number");
  if (!s->arena || (double)s->arena->bytes < bytes)
    if (bytes > 1e15 || !enter_arena(s, (size_t)bytes)) {
      char text[96];
      snprintf(text, sizeof text, "There is no memory for %.0f MiB of intermediate results", bytes / (1 << 20));
      return fail(env, text);
    }
  napi_create_double(env, (double)(uintptr_t)s->arena->at, &result);
  return result;
}

static napi_value get_address(napi_env env, napi_callback_info info) {
  napi_value value, result = NULL;
  void *at;
  size_t length;
  arguments(env, info, 1, &value);
  /* typed arrays of shared memory too, which is no ArrayBuffer */
  if (napi_get_typedarray_info(env, value, NULL, &length, &at, NULL, NULL) &&
      napi_get_arraybuffer_info(env, value, &at, &length))
    return fail(env, "address(buffer): no ArrayBuffer and no typed array");
  napi_create_double(env, (double)(uintptr_t)at, &result);
  return result;
}

/* A descriptor's int64 words: batch, rows, cols, inner, parts, part_stride, then size, a, b, out of each axis. */
static bool read_contraction(const int64_t *words, size_t length, contraction *c) {
  int64_t axes = 0;
  if (length < 6) return false;
  for (int i = 0; i < 4; i++) {
    if (words[i] < 0 || words[i] > 64) return false;
    axes += words[i];
  }
  *c = (contraction){
      .batch = (int32_t)words[0],
      .rows = (int32_t)words[1],
      .cols = (int32_t)words[2],
      .inner = (int32_t)words[3],
      .parts = words[4],
      .part_stride = words[5],
      .axes = (const axis *)(words + 6),
  };
  return c->parts > 0 && length >= 6 + 4 * (size_t)axes;
}

static napi_value contract(napi_env env, napi_callback_info info) {
  napi_value values[4];
  double operands[3];
  void *words;
  size_t length;
  contraction c;
  session *s = arguments(env, info, 4, values);
  if (napi_get_arraybuffer_info(env, values[0], &words, &length) ||
      !read_contraction(words, length / sizeof(int64_t), &c))
    return fail(env, "contract(descriptor, a, b, out): this is no descriptor");
  for (int i = 0; i < 3; i++)
    if (napi_get_value_double(env, values[i + 1], &operands[i]))
      return fail(env, "contract(descriptor, a, b, out): an address is no number");
  const float *a = (const float *)(uintptr_t)operands[0], *b = (const float *)(uintptr_t)operands[1];
  drain(s);
  pthread_mutex_lock(&turn);
  bool there = rt.contract != NULL;
  if (there) rt.contract(&rt, NULL, &c, a, b, (float *)(uintptr_t)operands[2]);
  pthread_mutex_unlock(&turn);
  return there ? NULL : fail(env, "contract(descriptor, a, b, out): there is no kernel library");
}

/* A descriptor's int64 words, as native-loader.ts says. */
static bool read_attention(const int64_t *words, size_t length, attention *c) {
  enum { SIZES = 11, HEAD = SIZES + ATTENTION_OPERANDS };
  if (length < HEAD || words[1] < 0 || words[1] > 64) return false;
  int32_t scale = (int32_t)words[8], kept = (int32_t)words[9];
  *c = (attention){
      .batch = (int32_t)words[1],
      .causal = (int32_t)words[2],
      .queries = words[3],
      .keys = words[4],
      .width = words[5],
      .value_width = words[6],
      .mask_column = words[7],
      .axes = (const attention_axis *)(words + HEAD),
      .drops_below = (int32_t)words[10],
  };
  memcpy(&c->scale, &scale, sizeof scale);
  memcpy(&c->kept, &kept, sizeof kept);
  memcpy(c->row, words + SIZES, sizeof c->row);
  bool fits = c->width <= ATTENTION_WIDEST && c->value_width <= ATTENTION_WIDEST;
  return fits && length >= HEAD + (size_t)words[1] * (1 + ATTENTION_OPERANDS);
}

static napi_value attend(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int type;
  void *words, *addresses;
  size_t length, count;
  attention c;
  float *at[ATTENTION_OPERANDS];
  session *s = arguments(env, info, 2, values);
  if (napi_get_arraybuffer_info(env, values[0], &words, &length) ||
      !read_attention(words, length / sizeof(int64_t), &c))
    return fail(env, "attend(descriptor, operands): this is no descriptor");
  if (napi_get_typedarray_info(env, values[1], &type, &count, &addresses, NULL, NULL) || type != NAPI_FLOAT64_ARRAY ||
      count != ATTENTION_OPERANDS)
    return fail(env, "attend(descriptor, operands): operands are a Float64Array of addresses");
  for (int i = 0; i < ATTENTION_OPERANDS; i++) at[i] = (float *)(uintptr_t)((double *)addresses)[i];
  drain(s);
  pthread_mutex_lock(&turn);
  bool there = rt.attend != NULL;
  if (there) (*(int64_t *)words ? rt.attend_grad : rt.attend)(&rt, &c, at);
  pthread_mutex_unlock(&turn);
  return there ? NULL : fail(env, "attend(descriptor, operands): there is no kernel library");
}

static napi_value get_times(napi_env env, napi_callback_info info) {
  napi_value buffer = NULL, result = NULL;
  void *at;
  drain(arguments(env, info, 0, NULL));
  pthread_mutex_lock(&turn);
  size_t kernels = (size_t)marks.kernels;
  if (napi_create_arraybuffer(env, kernels * sizeof(double), &at, &buffer) == 0) {
    if (kernels > 0) memcpy(at, marks.nanoseconds, kernels * sizeof(double));
    napi_create_typedarray(env, NAPI_FLOAT64_ARRAY, kernels, buffer, 0, &result);
  }
  pthread_mutex_unlock(&turn);
  return result;
}

// ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────

/* JavaScript is about to go, and the memory that programs work on: what is queued is dropped, what runs is waited for. */
static void close_session(void *data) {
  session *s = data;
  pthread_mutex_lock(&queue.lock);
  s->closing = true;
  task **at = &queue.first;
  while (*at) {
    task *t = *at;
    if (t->session != s) {
      at = &t->next;
      continue;
    }
    *at = t->next;
    free(t);
    atomic_fetch_sub(&s->unfinished, 1);
  }
  queue.end = at;
  while (atomic_load(&s->unfinished) > 0) pthread_cond_wait(&queue.finished, &queue.lock);
  pthread_mutex_unlock(&queue.lock);
  pthread_mutex_lock(&turn);
  leave_arena(s);
  pthread_mutex_unlock(&turn);
  for (int32_t i = 0; i < s->entries.length; i++) free(s->entries.items[i]);
  for (int32_t i = 0; i < s->libraries.length; i++)
    if (s->libraries.items[i]) dlclose(s->libraries.items[i]);
  free(s->entries.items);
  free(s->libraries.items);
}

/* After the last call of `settle`. */
static void free_session(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

static void once_per_process(void) {
  pthread_atfork(NULL, NULL, after_fork);
  map_scratch(0, 64, 1);
#ifdef __APPLE__
  /* Threads run in here: it must stay when the Worker that opened it goes, which -z nodelete sees to elsewhere. */
  Dl_info self;
  if (dladdr((void *)&pool, &self)) dlopen(self.dli_fname, RTLD_NOW);
#endif
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"open", open_library},   {"close", close_library},  {"entry", make_entry},    {"release", release_entry},
      {"run", run_now},         {"start", start},          {"wait", wait_started},   {"kernels", open_kernels},
      {"threads", use_threads}, {"scratch", need_scratch}, {"arena", get_arena},     {"address", get_address},
      {"contract", contract},   {"attend", attend},        {"times", get_times},     {"probe", run_probe},
  };
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, once_per_process);
  session *s = calloc(1, sizeof *s);
  napi_value name = NULL;
  napi_create_string_utf8(env, "chainrule", (size_t)NAPI_AUTO_LENGTH, &name);
  if (!s || napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, s, free_session, s, settle, &s->settle)) {
    free(s);
    return fail(env, "the addon cannot be used here");
  }
  napi_unref_threadsafe_function(env, s->settle);
  napi_add_env_cleanup_hook(env, close_session, s);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value f = NULL;
    napi_create_function(env, functions[i].name, (size_t)NAPI_AUTO_LENGTH, functions[i].call, s, &f);
    napi_set_named_property(env, exports, functions[i].name, f);
  }
  return exports;
}
