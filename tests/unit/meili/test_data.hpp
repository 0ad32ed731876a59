#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace miroir::meili {

inline std::string read_test_data(const std::string& name) {
    std::ifstream file(std::string(MIROIR_SOURCE_DIR) + "/tests/unit/meili/data/" + name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace miroir::meili
