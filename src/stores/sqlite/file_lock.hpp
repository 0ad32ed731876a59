#pragma once

#include <string>

namespace miroir::stores {

// Holds `<path>.lock` for as long as it lives; the system frees it when the process dies.
class FileLock {
public:
    // Throws std::runtime_error, with what to do, when another process or store holds it.
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(FileLock&&) = delete;

private:
    int file_;
};

}  // namespace miroir::stores
