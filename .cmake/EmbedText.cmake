# embed_text(TARGET PREFIX FILE...): each text file becomes a C string constant that TARGET can use, e.g.
# certificates_merge.sql with the prefix SQL becomes SQL_CERTIFICATES_MERGE, declared in the header
# "<target>_<prefix in lower case>.h" of the target's build folder, beside its hash, SQL_CERTIFICATES_MERGE_SHA256 (hex). A change of a
# file rebuilds what uses it.
set(EMBED_TEXT_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)

function(embed_text target prefix)
    string(TOLOWER ${prefix} lower)
    set(base ${CMAKE_CURRENT_BINARY_DIR}/${target}_${lower})
    set(inputs "")
    foreach(file ${ARGN})
        list(APPEND inputs ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
    add_custom_command(
        OUTPUT ${base}.c ${base}.h
        COMMAND ${CMAKE_COMMAND} -DPREFIX=${prefix} -DBASE=${base} "-DINPUTS=${inputs}" -P ${EMBED_TEXT_SCRIPT}
        DEPENDS ${inputs} ${EMBED_TEXT_SCRIPT}
        COMMENT "Embedding the text files of ${target}" VERBATIM)
    target_sources(${target} PRIVATE ${base}.c ${base}.h)
    target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
