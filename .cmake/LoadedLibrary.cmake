# load_on_first_use(TARGET MODULE LIBRARY): a library that the target loads by its own name (probes/base/loaded_library.h). MODULE is
# pkg-config's name of it. The target and its users get its headers, the target LIBRARY_FILE, the name that the loader knows it by: the same that a
# link would have recorded. The packages depend on it (Packaging.cmake), as if it were linked.
find_package(PkgConfig REQUIRED)

function(load_on_first_use target module library)
    string(TOUPPER ${library} name)
    pkg_check_modules(${name} REQUIRED ${module})
    list(GET ${name}_LIBRARIES 0 linked)
    find_library(${name}_LINKED NAMES ${linked} HINTS ${${name}_LIBRARY_DIRS} REQUIRED)
    execute_process(COMMAND ${CMAKE_READELF} -d ${${name}_LINKED} OUTPUT_VARIABLE headings COMMAND_ERROR_IS_FATAL ANY)
    if(NOT headings MATCHES "SONAME[^[]*\\[([^]]+)\\]")
        message(FATAL_ERROR "${${name}_LINKED} has no name (SONAME)")
    endif()
    target_compile_definitions(${target} PRIVATE ${name}_FILE="${CMAKE_MATCH_1}")
    target_include_directories(${target} SYSTEM PUBLIC ${${name}_INCLUDE_DIRS})
    set_property(GLOBAL APPEND PROPERTY loaded_libraries ${CMAKE_MATCH_1})
endfunction()
