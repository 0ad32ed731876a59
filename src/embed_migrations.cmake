# Compiles the numbered files of `directory` into `target` as `migrations()` of `namespace`, which the target's
# own migrations.hpp declares.
function(miroir_embed_migrations target namespace directory)
    file(GLOB files CONFIGURE_DEPENDS ${directory}/*.sql)
    list(SORT files)
    set(expected 1)
    set(entries "")
    foreach(file ${files})
        get_filename_component(stem ${file} NAME_WE)
        if(NOT stem MATCHES "^0*([1-9][0-9]*)_(.+)$")
            message(FATAL_ERROR "${file}: a migration is named <number>_<name>.sql")
        endif()
        set(number ${CMAKE_MATCH_1})
        set(name ${CMAKE_MATCH_2})
        if(NOT number EQUAL expected)
            message(FATAL_ERROR "${file}: expected migration number ${expected}")
        endif()
        math(EXPR expected "${expected} + 1")
        file(READ ${file} sql)
        string(APPEND entries "        {${number}, \"${name}\", R\"migration(${sql})migration\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endforeach()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_migrations.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT "#include \"migrations.hpp\"

namespace ${namespace} {

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> all = {
@entries@    };
    return all;
}

}  // namespace ${namespace}
" @ONLY)
    target_sources(${target} PRIVATE ${output})
endfunction()
