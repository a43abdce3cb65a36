# The Python package: an extension module over the layers, beside the files of python/atlas. In a build folder the
# package stands in python/, ready to be imported from there; `pip install .` puts the same into a wheel.
if(NOT SKBUILD AND EXISTS ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  set(Python_EXECUTABLE ${PROJECT_SOURCE_DIR}/.venv/bin/python)
endif()
find_package(Python 3.10 COMPONENTS Interpreter Development.Module REQUIRED)
execute_process(
  COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
  OUTPUT_STRIP_TRAILING_WHITESPACE
  OUTPUT_VARIABLE nanobind_ROOT
  RESULT_VARIABLE failed
  ERROR_QUIET)
if(failed)
  message(FATAL_ERROR "${Python_EXECUTABLE} lacks nanobind: run tools/setup, or configure with -DATLAS_PYTHON=OFF")
endif()
find_package(nanobind CONFIG REQUIRED)

# One module for every CPython from 3.10 on: nanobind's own part comes from the package nanobind-backend.
file(GLOB python_sources CONFIGURE_DEPENDS python/*.cpp)
nanobind_add_module(atlas_python BACKEND_MODULE nanobind_backend STABLE_ABI NB_SUPPRESS_WARNINGS NOMINSIZE
                    ${python_sources})
target_link_libraries(atlas_python PRIVATE ${modules})
set(python_map ${PROJECT_SOURCE_DIR}/python/module.map)
target_link_options(atlas_python PRIVATE -Wl,--version-script=${python_map})
set(python_folder ${PROJECT_BINARY_DIR}/python/atlas)
set_target_properties(atlas_python PROPERTIES OUTPUT_NAME _core LIBRARY_OUTPUT_DIRECTORY ${python_folder}
                                              LINK_DEPENDS ${python_map})
nanobind_add_stub(
  atlas_python_stub
  MODULE atlas._core
  OUTPUT ${python_folder}/_core.pyi
  PYTHON_PATH ${PROJECT_BINARY_DIR}/python
  DEPENDS atlas_python)

file(GLOB python_files CONFIGURE_DEPENDS python/atlas/*.py python/atlas/py.typed)
file(MAKE_DIRECTORY ${python_folder})
foreach(file ${python_files})
  cmake_path(GET file FILENAME name)
  file(CREATE_LINK ${file} ${python_folder}/${name} SYMBOLIC)
endforeach()

if(SKBUILD)
  install(TARGETS atlas_python LIBRARY DESTINATION atlas COMPONENT python)
  install(FILES ${python_files} ${python_folder}/_core.pyi DESTINATION atlas COMPONENT python)
  install(TARGETS atlas RUNTIME DESTINATION atlas/bin COMPONENT python)
  install(DIRECTORY zoo machines DESTINATION atlas/share/atlas COMPONENT python)
endif()
