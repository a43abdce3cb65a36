/* The C interface of Atlas: read or build a model, run it, from any language that can call C.
 *
 * Handles are opaque and owned by the caller, who gives each back to its atlas_*_free (NULL is allowed
 * there). Functions that can fail return a status and, through their last argument unless that is NULL, an
 * error that holds the message; on failure nothing else is written. Structs open with their own size, so that
 * they can grow: start from ATLAS_INIT. Strings are UTF-8. No exception leaves a function.
 *
 * Different handles may be used by different threads at once, and so may one session, one datum that is only
 * read, and one cancellation. Graphs are for one thread at a time. */
#ifndef ATLAS_ATLAS_H
#define ATLAS_ATLAS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ATLAS_API __attribute__((visibility("default")))
#else
#define ATLAS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something is added. What was there keeps its meaning as long as the library keeps its name. */
#define ATLAS_API_VERSION 1

/* The version of the interface that the library has, and of Atlas itself: "0.1.0". */
ATLAS_API int32_t atlas_api_version(void);
ATLAS_API const char* atlas_version(void);

/* A struct of `type` with its size set and zeros, which are the defaults, everywhere else:
 *   AtlasRunOptions options = ATLAS_INIT(AtlasRunOptions); */
#define ATLAS_INIT(type) \
  { sizeof(type) }

/* ---- Errors ---- */

typedef int32_t AtlasStatus;
enum {
  ATLAS_OK = 0,
  ATLAS_INVALID_ARGUMENT = 1,   /* the caller or a file is wrong */
  ATLAS_UNSUPPORTED = 2,        /* well-formed, but not something Atlas does */
  ATLAS_NOT_FOUND = 3,          /* a file or a name that is not there */
  ATLAS_IO = 4,                 /* reading or writing failed */
  ATLAS_RESOURCE_EXHAUSTED = 5, /* a limit on memory, size or nesting was met */
  ATLAS_CANCELLED = 6,
  ATLAS_DEADLINE_EXCEEDED = 7,
  ATLAS_INTERNAL = 8 /* a bug of Atlas */
};

/* "invalid argument", "unsupported", ... */
ATLAS_API const char* atlas_status_name(AtlasStatus status);

typedef struct AtlasError AtlasError;

/* What the command line prints: "where: expected X, got Y (what to do)". Valid until the error is freed. */
ATLAS_API const char* atlas_error_message(const AtlasError* error);
ATLAS_API AtlasStatus atlas_error_status(const AtlasError* error);
ATLAS_API void atlas_error_free(AtlasError* error);

/* ---- Data: tensors, sequences of them, maps ---- */

/* The numbers of ONNX's TensorProto.DataType. */
typedef int32_t AtlasDType;
enum {
  ATLAS_F32 = 1,
  ATLAS_U8 = 2,
  ATLAS_I8 = 3,
  ATLAS_U16 = 4,
  ATLAS_I16 = 5,
  ATLAS_I32 = 6,
  ATLAS_I64 = 7,
  ATLAS_STRING = 8,
  ATLAS_BOOL = 9,
  ATLAS_F16 = 10,
  ATLAS_F64 = 11,
  ATLAS_U32 = 12,
  ATLAS_U64 = 13,
  ATLAS_C64 = 14,
  ATLAS_C128 = 15,
  ATLAS_BF16 = 16,
  ATLAS_F8E4M3FN = 17,
  ATLAS_F8E4M3FNUZ = 18,
  ATLAS_F8E5M2 = 19,
  ATLAS_F8E5M2FNUZ = 20,
  ATLAS_U4 = 21, /* below 8 bits the elements are packed, the first in the low bits of a byte */
  ATLAS_I4 = 22,
  ATLAS_F4E2M1 = 23,
  ATLAS_F8E8M0 = 24,
  ATLAS_U2 = 25,
  ATLAS_I2 = 26
};

typedef int32_t AtlasKind;
enum {
  ATLAS_NOTHING = 0, /* an optional value that is absent */
  ATLAS_TENSOR = 1,
  ATLAS_SEQUENCE = 2,
  ATLAS_MAP = 3,   /* two elements: keys, values */
  ATLAS_SPARSE = 4 /* three elements: values, their places, the shape (i64) */
};

/* What goes into a model or comes out of it. */
typedef struct AtlasDatum AtlasDatum;

/* A dense tensor in somebody's memory: elements in row-major order, without gaps. */
typedef struct AtlasTensor {
  size_t size;
  AtlasDType dtype;
  int32_t is_read_only; /* memory lent to Atlas that it must not write */
  const int64_t* shape; /* `rank` extents, outermost first */
  size_t rank;
  void* data; /* NULL for strings */
  size_t size_bytes;
} AtlasTensor;

/* A tensor in memory that Atlas allocates; the elements are not set. Not for strings. */
ATLAS_API AtlasStatus atlas_datum_new(AtlasDType dtype, const int64_t* shape, size_t rank, AtlasDatum** datum,
                                      AtlasError** error);

/* A tensor in the caller's memory, which is not copied. It must stay until `release(context)` is called, from
 * whichever thread lets go last; `release` may be NULL where it stays as long as anything uses the datum. */
ATLAS_API AtlasStatus atlas_datum_lend(const AtlasTensor* tensor, void (*release)(void* context),
                                       void* context, AtlasDatum** datum, AtlasError** error);

/* A tensor of strings, copied. `lengths` may be NULL where the strings end in a zero byte. */
ATLAS_API AtlasStatus atlas_datum_strings(const char* const* strings, const size_t* lengths,
                                          const int64_t* shape, size_t rank, AtlasDatum** datum,
                                          AtlasError** error);

/* A sequence; memory of tensors is shared with `elements`, which stay the caller's. */
ATLAS_API AtlasStatus atlas_datum_sequence(const AtlasDatum* const* elements, size_t count,
                                           AtlasDatum** datum, AtlasError** error);

/* A second handle to the same memory. */
ATLAS_API AtlasStatus atlas_datum_share(const AtlasDatum* datum, AtlasDatum** copy, AtlasError** error);

ATLAS_API AtlasKind atlas_datum_kind(const AtlasDatum* datum);

/* Fills `tensor`, whose pointers are valid as long as the datum. Its size is set by the caller. */
ATLAS_API AtlasStatus atlas_datum_tensor(const AtlasDatum* datum, AtlasTensor* tensor, AtlasError** error);

/* One element of a tensor of strings, in row-major order; valid as long as the datum. */
ATLAS_API AtlasStatus atlas_datum_string(const AtlasDatum* datum, size_t index, const char** text,
                                         size_t* length, AtlasError** error);

/* The elements of a sequence, a map or a sparse tensor (see AtlasKind); 0 for a tensor. */
ATLAS_API size_t atlas_datum_count(const AtlasDatum* datum);
ATLAS_API AtlasStatus atlas_datum_element(const AtlasDatum* datum, size_t index, AtlasDatum** element,
                                          AtlasError** error);

ATLAS_API void atlas_datum_free(AtlasDatum* datum);

/* ---- Graphs: models read from files or built in code ---- */

typedef struct AtlasGraph AtlasGraph;

/* A model of a file: Atlas' text form where the name ends in .txt or .atlas, else ONNX, whose weights are
 * mapped, not copied. */
ATLAS_API AtlasStatus atlas_graph_load(const char* path, AtlasGraph** graph, AtlasError** error);

/* An ONNX model in memory, which is copied. External data is refused. */
ATLAS_API AtlasStatus atlas_graph_from_onnx(const void* bytes, size_t size_bytes, AtlasGraph** graph,
                                            AtlasError** error);

/* A graph in text form. */
ATLAS_API AtlasStatus atlas_graph_parse(const char* text, AtlasGraph** graph, AtlasError** error);

/* Writes ONNX of opset `opset` (0: the newest) where the name ends in .onnx, the text form where in .txt. */
ATLAS_API AtlasStatus atlas_graph_save(const AtlasGraph* graph, const char* path, int64_t opset,
                                       AtlasError** error);

/* The text form, to be given back to atlas_string_free. */
ATLAS_API AtlasStatus atlas_graph_text(const AtlasGraph* graph, char** text, AtlasError** error);
ATLAS_API void atlas_string_free(char* text);

/* Checks the structure: names, origins of values, cycles. Operators are checked when a session is made. */
ATLAS_API AtlasStatus atlas_graph_verify(const AtlasGraph* graph, AtlasError** error);

ATLAS_API void atlas_graph_free(AtlasGraph* graph);

/* A value of a graph: what an edge carries. Stays valid as long as the graph. */
typedef int32_t AtlasValueId;
#define ATLAS_NO_VALUE (-1) /* an optional input left out */

/* An empty graph, to be filled by the functions below. */
ATLAS_API AtlasStatus atlas_graph_new(const char* name, AtlasGraph** graph, AtlasError** error);

/* An input; `type` as in the text form: "f32[N,3]", "i64[]", "string[N]". */
ATLAS_API AtlasStatus atlas_graph_input(AtlasGraph* graph, const char* name, const char* type,
                                        AtlasValueId* value, AtlasError** error);

/* A constant, which shares the tensor's memory. */
ATLAS_API AtlasStatus atlas_graph_constant(AtlasGraph* graph, const AtlasDatum* tensor, AtlasValueId* value,
                                           AtlasError** error);

/* A node that applies an operator ("Relu", "com.microsoft::Gelu"): `outputs` is filled with `output_count`
 * new values. `attributes` is NULL or as in the text form: "axis=1, pads=[0, 1], mode=\"edge\"". */
ATLAS_API AtlasStatus atlas_graph_node(AtlasGraph* graph, const char* op, const AtlasValueId* inputs,
                                       size_t input_count, const char* attributes, AtlasValueId* outputs,
                                       size_t output_count, AtlasError** error);

/* Makes a value an output, called `name`; NULL keeps the name it has. */
ATLAS_API AtlasStatus atlas_graph_output(AtlasGraph* graph, AtlasValueId value, const char* name,
                                         AtlasError** error);

/* The value of that name. */
ATLAS_API AtlasStatus atlas_graph_find(const AtlasGraph* graph, const char* name, AtlasValueId* value,
                                       AtlasError** error);

/* ---- Sessions: graphs compiled, ready to run ---- */

typedef struct AtlasSessionOptions {
  size_t size;
  const char* target; /* NULL: "cpu" */
  size_t threads;     /* 0: as many as the process may use */
  int32_t is_strict;  /* a node without a kernel is an error */
  int32_t reserved;
  const char* const* disabled_passes; /* names, as --no-pass takes them */
  size_t disabled_pass_count;
  size_t
      memory_limit_bytes; /* of the tensors of the model and its runs together; 0: what the process may use */
  size_t node_limit;      /* nodes that a model may have; 0: a million */
  const char* precision;  /* what the factors of products are rounded to: "f32" (NULL), "bf16" or "int8" */
} AtlasSessionOptions;

typedef struct AtlasSession AtlasSession;

/* Compiles a graph, which is only read and may be freed. `options` may be NULL. */
ATLAS_API AtlasStatus atlas_session_new(const AtlasGraph* graph, const AtlasSessionOptions* options,
                                        AtlasSession** session, AtlasError** error);

/* The same for a file, a compiled one too; messages open with its name. */
ATLAS_API AtlasStatus atlas_session_open(const char* path, const AtlasSessionOptions* options,
                                         AtlasSession** session, AtlasError** error);

/* Why a compiled file did not serve as it is, so that its model was compiled anew, for people; "" otherwise.
 */
ATLAS_API const char* atlas_session_notice(const AtlasSession* session);

/* An input or output of a session; pointers are valid as long as the session. */
typedef struct AtlasPort {
  size_t size;
  const char* name;
  const char* type;    /* as in the text form */
  AtlasDType dtype;    /* of a tensor, else 0 */
  int32_t has_default; /* an input that may be left out */
  const int64_t*
      shape; /* of a tensor; -1 where an extent is not fixed; NULL where not even the rank is known */
  size_t rank;
} AtlasPort;

ATLAS_API size_t atlas_session_input_count(const AtlasSession* session);
ATLAS_API size_t atlas_session_output_count(const AtlasSession* session);

/* Fill `port`, whose size is set by the caller. */
ATLAS_API AtlasStatus atlas_session_input(const AtlasSession* session, size_t index, AtlasPort* port,
                                          AtlasError** error);
ATLAS_API AtlasStatus atlas_session_output(const AtlasSession* session, size_t index, AtlasPort* port,
                                           AtlasError** error);

/* Nodes that have no kernel and run by their slow reference, described; NULL from the count on. */
ATLAS_API size_t atlas_session_fallback_count(const AtlasSession* session);
ATLAS_API const char* atlas_session_fallback(const AtlasSession* session, size_t index);

/* What ends runs before they are done, from another thread. */
typedef struct AtlasCancellation AtlasCancellation;
ATLAS_API AtlasStatus atlas_cancellation_new(AtlasCancellation** cancellation, AtlasError** error);
/* Ends the runs that hold it, between two of their steps, and every later one until it is reset. */
ATLAS_API void atlas_cancellation_cancel(AtlasCancellation* cancellation);
ATLAS_API void atlas_cancellation_reset(AtlasCancellation* cancellation);
ATLAS_API void atlas_cancellation_free(AtlasCancellation* cancellation);

typedef struct AtlasRunOptions {
  size_t size;
  double timeout_s; /* 0: none. Past it the run ends between two of its steps */
  uint64_t seed;    /* of random operators that name none */
  const AtlasCancellation* cancellation;
} AtlasRunOptions;

/* Runs. `inputs` and `outputs` are as many as the session has, in its order. An input that is NULL keeps its
 * default. An output that is NULL is made; one that is not lends its memory, which must have the output's
 * type and shape, and is written in place. On failure outputs that were NULL stay NULL. `options` may be
 * NULL. */
ATLAS_API AtlasStatus atlas_session_run(const AtlasSession* session, const AtlasDatum* const* inputs,
                                        size_t input_count, AtlasDatum** outputs, size_t output_count,
                                        const AtlasRunOptions* options, AtlasError** error);

ATLAS_API void atlas_session_free(AtlasSession* session);

#ifdef __cplusplus
}
#endif

#endif
