# Run by embed_text(): writes BASE.c and BASE.h from the files in INPUTS. Texts are written as byte arrays, so
# no character of a text needs escaping and no compiler's limit on string literals is met.
get_filename_component(header ${BASE}.h NAME)
set(source "/* Generated from the text files named below; not to be edited. */\n#include \"${header}\"\n")
# Bytes above 127 are UTF-8, and char may be signed.
string(APPEND source "#pragma GCC diagnostic ignored \"-Woverflow\"\n#pragma GCC diagnostic ignored \"-Wconversion\"\n")
string(APPEND source "#ifdef __clang__\n#pragma GCC diagnostic ignored \"-Wconstant-conversion\"\n#endif\n")
set(declarations "/* Generated from the text files named below; not to be edited. */\n#pragma once\n")
foreach(input ${INPUTS})
    get_filename_component(name ${input} NAME_WE)
    get_filename_component(file ${input} NAME)
    string(TOUPPER ${name} name)
    string(REGEX REPLACE "[^A-Z0-9]" "_" name ${name})
    file(READ ${input} hex HEX)
    file(SHA256 ${input} sha256)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
           bytes "${bytes}")
    string(APPEND source "\n/* ${file} */\nconst char ${PREFIX}_${name}[] = {\n${bytes}0x00};\n")
    string(APPEND declarations "\nextern const char ${PREFIX}_${name}[];       /* ${file} */\n#define ${PREFIX}_${name}_SHA256 \"${sha256}\"\n")
endforeach()
file(WRITE ${BASE}.c "${source}")
file(WRITE ${BASE}.h "${declarations}")
