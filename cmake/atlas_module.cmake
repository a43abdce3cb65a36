# atlas_module(name DEPS ...): the layer in atlas/<name> as library atlas_<name>, and, where it has
# *_test.cpp files, their test program <name>_test, which knows its folder testdata/, if any, as ATLAS_TESTDATA.
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
if(ATLAS_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  add_custom_target(unit_tests)  # what the sanitizers run: without the command line, which takes minutes to compile
endif()

add_library(atlas_options INTERFACE)
target_include_directories(atlas_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(atlas_options INTERFACE -Wall -Wextra -Wshadow=local -Wno-missing-field-initializers
                                               -march=x86-64-v2)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
  set_property(TARGET atlas_options PROPERTY INTERFACE_COMPILE_OPTIONS -Wall -Wextra -Wshadow=local
                                             -Wno-missing-field-initializers)
endif()
if(ATLAS_SANITIZE)
  target_compile_options(atlas_options INTERFACE -fsanitize=${ATLAS_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(atlas_options INTERFACE -fsanitize=${ATLAS_SANITIZE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT CMAKE_CROSSCOMPILING)  # a cross compiler looks for a linker with its own prefix
  target_link_options(atlas_options INTERFACE -fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

function(atlas_module name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/atlas/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  add_library(atlas_${name} STATIC ${sources})
  list(TRANSFORM ARG_DEPS REPLACE "^([a-z]+)$" "atlas_\\1")
  target_link_libraries(atlas_${name} PUBLIC atlas_options ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY ATLAS_MODULES atlas_${name})

  if(ATLAS_TESTS AND tests)
    add_executable(${name}_test ${tests})
    # Quick to compile matters more than quick to run.
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O0>)
    target_link_libraries(${name}_test PRIVATE atlas_${name} GTest::gtest_main GTest::gmock)
    if(EXISTS ${folder}/testdata)
      target_compile_definitions(${name}_test PRIVATE ATLAS_TESTDATA="${folder}/testdata")
    endif()
    add_test(NAME ${name}_test COMMAND ${name}_test)
    add_dependencies(unit_tests ${name}_test)
  endif()
endfunction()
