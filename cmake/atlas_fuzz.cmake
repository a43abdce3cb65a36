# fuzz: the fuzz targets of tests/fuzz in one program: libFuzzer's in the preset fuzz, else one that runs files.
file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*.cpp)
add_executable(fuzz ${fuzz_sources})
target_link_libraries(fuzz PRIVATE ${modules})
target_compile_options(fuzz PRIVATE $<$<CONFIG:Release>:-O0>)
if(ATLAS_FUZZ)
  target_compile_definitions(fuzz PRIVATE ATLAS_LIBFUZZER)
  target_link_options(fuzz PRIVATE -fsanitize=fuzzer)
endif()
