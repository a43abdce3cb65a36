/* Runs a model that takes four numbers and prints the first number it gives: run_model_c MODEL */
#include <atlas/atlas.h>
#include <stdio.h>

int main(int argc, char** argv) {
  float numbers[4] = {1, 2, 3, 4};
  const int64_t shape[1] = {4};
  AtlasTensor x = {sizeof x, ATLAS_F32, 1, shape, 1, numbers, sizeof numbers};
  AtlasTensor y = ATLAS_INIT(AtlasTensor);
  AtlasSession* session = NULL;
  AtlasDatum *in = NULL, *out = NULL;
  AtlasError* error = NULL;
  const char* path = argc > 1 ? argv[1] : "model.onnx";
  if (atlas_session_open(path, NULL, &session, &error) || atlas_datum_lend(&x, NULL, NULL, &in, &error) ||
      atlas_session_run(session, (const AtlasDatum* const*)&in, 1, &out, 1, NULL, &error) ||
      atlas_datum_tensor(out, &y, &error))
    fprintf(stderr, "%s\n", atlas_error_message(error));
  else
    printf("%g\n", ((const float*)y.data)[0]);
  const int code = error != NULL;
  atlas_datum_free(in);
  atlas_datum_free(out);
  atlas_session_free(session);
  atlas_error_free(error);
  return code;
}
