/*
 * Drives native/loader.c from several threads that stand for Workers, without Node, to be run under sanitizers. Node-API
 * is the little of it that the loader needs.
 */
#include "../../native/loader.c"

#include "loader-programs.c"

// ── Node-API ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct napi_value__ {
  double number;
  void *bytes; /* of a buffer or a text */
  size_t length;
};

struct napi_callback_info__ {
  napi_value *arguments;
  size_t count;
  void *data;
};

enum { FUNCTIONS = 32, VALUES = 4096, CALLS = 4096 };

struct napi_env__ {
  struct {
    const char *name;
    napi_callback call;
    void *data;
  } functions[FUNCTIONS];
  int used;
  struct napi_value__ values[VALUES]; /* a ring: the newest are looked at */
  unsigned next;
  const char *thrown;
  void (*hook)(void *);
  void *hook_data;
  /* of the only threadsafe function */
  pthread_mutex_t lock;
  void *calls[CALLS];
  int pending, resolved;
  bool referenced;
  napi_threadsafe_function_call_js call_js;
  napi_finalize finalize;
  void *context;
};

static napi_value value_of(napi_env env, double number, void *bytes, size_t length) {
  napi_value value = &env->values[env->next++ % VALUES];
  *value = (struct napi_value__){number, bytes, length};
  return value;
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count, napi_value *values, napi_value *self,
                             void **data) {
  (void)self;
  for (size_t i = 0; i < *count; i++)
    values[i] = i < info->count ? info->arguments[i] : value_of(env, __builtin_nan(""), NULL, 0);
  *data = info->data;
  return 0;
}
napi_status napi_create_function(napi_env env, const char *name, size_t length, napi_callback call, void *data,
                                 napi_value *result) {
  (void)length;
  env->functions[env->used].name = name;
  env->functions[env->used].call = call;
  env->functions[env->used++].data = data;
  *result = value_of(env, 0, NULL, 0);
  return 0;
}
napi_status napi_set_named_property(napi_env env, napi_value object, const char *name, napi_value value) {
  (void)env, (void)object, (void)name, (void)value;
  return 0;
}
napi_status napi_throw_error(napi_env env, const char *code, const char *text) {
  (void)code;
  env->thrown = text;
  return 0;
}
napi_status napi_get_value_int32(napi_env env, napi_value value, int32_t *result) {
  (void)env;
  if (value->number != value->number) return 1;
  *result = (int32_t)value->number;
  return 0;
}
napi_status napi_create_int32(napi_env env, int32_t number, napi_value *result) {
  *result = value_of(env, number, NULL, 0);
  return 0;
}
napi_status napi_get_value_double(napi_env env, napi_value value, double *result) {
  (void)env;
  *result = value->number;
  return 0;
}
napi_status napi_create_double(napi_env env, double number, napi_value *result) {
  *result = value_of(env, number, NULL, 0);
  return 0;
}
napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char *text, size_t size, size_t *length) {
  (void)env;
  *length = (size_t)snprintf(text, size, "%s", (char *)value->bytes);
  return 0;
}
napi_status napi_create_string_utf8(napi_env env, const char *text, size_t length, napi_value *result) {
  (void)text;
  *result = value_of(env, 0, NULL, length);
  return 0;
}
napi_status napi_get_arraybuffer_info(napi_env env, napi_value value, void **bytes, size_t *length) {
  (void)env;
  *bytes = value->bytes;
  *length = value->length;
  return value->bytes == NULL;
}
napi_status napi_get_typedarray_info(napi_env env, napi_value value, int *type, size_t *length, void **bytes,
                                     napi_value *buffer, size_t *offset) {
  (void)env, (void)value, (void)type, (void)length, (void)bytes, (void)buffer, (void)offset;
  return 1;
}
napi_status napi_create_arraybuffer(napi_env env, size_t length, void **bytes, napi_value *result) {
  static _Thread_local char memory[1 << 16];
  *bytes = memory;
  *result = value_of(env, 0, memory, length);
  return 0;
}
napi_status napi_create_typedarray(napi_env env, int type, size_t length, napi_value buffer, size_t offset,
                                   napi_value *result) {
  (void)env, (void)type, (void)length, (void)offset;
  *result = buffer;
  return 0;
}
napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count, napi_ref *result) {
  (void)env, (void)value, (void)count;
  *result = NULL;
  return 0;
}
napi_status napi_delete_reference(napi_env env, napi_ref reference) {
  (void)env, (void)reference;
  return 0;
}
napi_status napi_create_promise(napi_env env, napi_deferred *deferred, napi_value *promise) {
  *deferred = NULL;
  *promise = value_of(env, 0, NULL, 0);
  return 0;
}
napi_status napi_resolve_deferred(napi_env env, napi_deferred deferred, napi_value value) {
  (void)deferred;
  env->resolved += value->number == 0;
  return 0;
}
napi_status napi_add_env_cleanup_hook(napi_env env, void (*hook)(void *), void *data) {
  env->hook = hook;
  env->hook_data = data;
  return 0;
}
napi_status napi_create_threadsafe_function(napi_env env, napi_value function, napi_value resource, napi_value name,
                                            size_t most, size_t threads, void *data, napi_finalize finalize,
                                            void *context, napi_threadsafe_function_call_js call_js,
                                            napi_threadsafe_function *result) {
  (void)function, (void)resource, (void)name, (void)most, (void)threads, (void)data;
  env->finalize = finalize;
  env->context = context;
  env->call_js = call_js;
  *result = (napi_threadsafe_function)(void *)env;
  return 0;
}
napi_status napi_call_threadsafe_function(napi_threadsafe_function function, void *data, int mode) {
  (void)mode;
  napi_env env = (napi_env)(void *)function;
  pthread_mutex_lock(&env->lock);
  env->calls[env->pending++] = data;
  pthread_mutex_unlock(&env->lock);
  return 0;
}
napi_status napi_ref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  (void)function;
  env->referenced = true;
  return 0;
}
napi_status napi_unref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  (void)function;
  env->referenced = false;
  return 0;
}

// ── Workers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

enum { WORKERS = 4, LENGTH = 2000 };

static void check(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static napi_value call(napi_env env, const char *name, size_t count, napi_value *arguments) {
  for (int i = 0; i < env->used; i++)
    if (strcmp(env->functions[i].name, name) == 0) {
      struct napi_callback_info__ info = {arguments, count, env->functions[i].data};
      env->thrown = NULL;
      napi_value result = env->functions[i].call(env, &info);
      check(!env->thrown, env->thrown);
      return result;
    }
  check(false, name);
  return NULL;
}

static double call_number(napi_env env, const char *name, double number) {
  napi_value argument = value_of(env, number, NULL, 0), result = call(env, name, 1, &argument);
  return result ? result->number : 0;
}

/* What the event loop does: settles what has run; at the end, without an environment. */
static void turn_loop(napi_env env, bool ends) {
  void *calls[CALLS];
  pthread_mutex_lock(&env->lock);
  int pending = env->pending;
  memcpy(calls, env->calls, sizeof *calls * (size_t)pending);
  env->pending = 0;
  pthread_mutex_unlock(&env->lock);
  for (int i = 0; i < pending; i++) env->call_js(ends ? NULL : env, NULL, env->context, calls[i]);
}

/* Its last programs are still running, or waiting, when it ends. */
static void live(unsigned seed, int actions) {
  napi_env env = calloc(1, sizeof *env);
  pthread_mutex_init(&env->lock, NULL);
  check(napi_register_module_v1(env, value_of(env, 0, NULL, 0)) != NULL, "the addon loads");
  napi_value path = value_of(env, 0, "", 1); /* this program */
  double library = call(env, "open", 1, &path)->number;
  float *values = calloc(LENGTH, sizeof *values);
  word *block = calloc(4, sizeof *block);
  block[1].pointer = (char *)values;
  block[2].number = LENGTH;
  block[3].number = 16;
  napi_value arguments[] = {value_of(env, library, NULL, 0), value_of(env, 0, "increment", 10),
                            value_of(env, 0, block, 4 * sizeof *block)};
  double entry = call(env, "entry", 3, arguments)->number;
  int started = 0, runs = 0;
  for (int i = 0; i < actions; i++) {
    switch (rand_r(&seed) % 16) {
      case 0:
        call_number(env, "threads", 1 + rand_r(&seed) % 6);
        break;
      case 1:
        call_number(env, "arena", rand_r(&seed) % 1000 * 1000 + i * 10000);
        break;
      case 2:
        call_number(env, "scratch", rand_r(&seed) % 100000);
        break;
      case 3:
        call(env, "times", 0, NULL);
        break;
      case 4:
        turn_loop(env, false);
        break;
      case 5:
        call(env, "wait", 0, NULL);
        check(values[0] == (float)(started + runs), "all that was started has run");
        break;
      case 6:
      case 7:
      case 8:
      case 9:
        call_number(env, "start", entry);
        started++;
        break;
      default:
        call_number(env, "run", entry);
        runs++;
        check(values[LENGTH - 1] == (float)(started + runs), "a run comes after what was started");
    }
  }
  if (seed % 2) {
    call(env, "wait", 0, NULL);
    turn_loop(env, false);
    check(env->resolved == started && !env->referenced, "each promise is settled");
    call_number(env, "release", entry);
    call_number(env, "close", library);
  } else
    for (int i = 0; i < 5; i++) call_number(env, "start", entry);
  env->hook(env->hook_data);
  env->finalize(env, env->context, NULL);
  turn_loop(env, true);
  free(values);
  free(block);
  free(env);
}

static void *worker(void *argument) {
  for (unsigned i = 0; i < 20; i++) live((unsigned)(intptr_t)argument * 1000 + i, 100);
  return NULL;
}

int main(void) {
  pthread_t workers[WORKERS];
  for (int i = 0; i < WORKERS; i++) pthread_create(&workers[i], NULL, worker, (void *)(intptr_t)i);
  for (int i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
  puts("done");
  return 0;
}
