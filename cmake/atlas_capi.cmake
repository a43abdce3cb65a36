# libatlas.so, which exports the C interface alone; its headers; and what find_package and pkg-config need to find
# them once `cmake --install` has put them somewhere.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

file(GLOB capi_sources CONFIGURE_DEPENDS capi/*.cpp)
set(capi_tests ${capi_sources})
list(FILTER capi_sources EXCLUDE REGEX "_test\\.cpp$")
list(FILTER capi_tests INCLUDE REGEX "_test\\.cpp$")

add_library(atlas_shared SHARED ${capi_sources})
add_library(atlas::atlas ALIAS atlas_shared)
target_link_libraries(atlas_shared PRIVATE ${modules})
target_include_directories(atlas_shared INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/capi/include>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set(version_script ${PROJECT_SOURCE_DIR}/capi/atlas.map)
target_link_options(atlas_shared PRIVATE -Wl,--version-script=${version_script} -Wl,--no-undefined)
set_target_properties(
  atlas_shared
  PROPERTIES OUTPUT_NAME atlas
             EXPORT_NAME atlas
             VERSION ${PROJECT_VERSION}
             SOVERSION ${PROJECT_VERSION_MAJOR}
             LINK_DEPENDS ${version_script})

if(ATLAS_TESTS)
  add_executable(capi_test ${capi_tests})
  target_compile_options(capi_test PRIVATE $<$<CONFIG:Release>:-O0>)
  target_link_libraries(capi_test PRIVATE atlas_options atlas_shared GTest::gtest_main GTest::gmock)
  add_test(NAME capi_test COMMAND capi_test)
  add_dependencies(unit_tests capi_test)
endif()

install(TARGETS atlas RUNTIME COMPONENT program)
install(TARGETS atlas_shared EXPORT atlasTargets LIBRARY COMPONENT library)
install(DIRECTORY capi/include/ TYPE INCLUDE COMPONENT library)
install(DIRECTORY zoo machines DESTINATION ${CMAKE_INSTALL_DATADIR}/atlas COMPONENT program)

set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/atlas)
install(EXPORT atlasTargets NAMESPACE atlas:: FILE atlasConfig.cmake DESTINATION ${config_folder}
        COMPONENT library)
write_basic_package_version_file(atlasConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/atlasConfigVersion.cmake DESTINATION ${config_folder} COMPONENT library)
configure_file(capi/atlas.pc.in atlas.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/atlas.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
