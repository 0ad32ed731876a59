# Compiles the Lua files of `directory` into `target` as redis_scripts::file(), which the target's scripts.hpp declares.
function(miroir_embed_scripts target directory)
    file(GLOB files CONFIGURE_DEPENDS ${directory}/*.lua)
    set(entries "")
    foreach(path ${files})
        get_filename_component(name ${path} NAME_WE)
        file(READ ${path} lua)
        string(APPEND entries "        {\"${name}\", R\"lua(${lua})lua\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    endforeach()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_scripts.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT "#include \"scripts.hpp\"

#include <map>

namespace miroir::stores::redis_scripts {

std::string_view file(std::string_view name) {
    static const std::map<std::string_view, std::string_view> files = {
@entries@    };
    return files.at(name);
}

}  // namespace miroir::stores::redis_scripts
" @ONLY)
    target_sources(${target} PRIVATE ${output})
endfunction()
