#pragma once

#include <stdexcept>
#include <string>

namespace miroir::sqlite {

// What SQLite reported; `code` is its extended result code.
struct Error : std::runtime_error {
    Error(int result_code, const std::string& what) : std::runtime_error(what), code(result_code) {}
    int code;
    // Another connection kept the lock for longer than `Options::lock_wait`.
    bool is_busy() const;
};

}  // namespace miroir::sqlite
