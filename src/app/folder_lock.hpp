#pragma once

#include <filesystem>

namespace miroir::app {

// One process at a time works in a folder: holds `folder`/lock until it ends, however that happens.
class FolderLock {
public:
    // Throws std::runtime_error naming the folder when another process holds it.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(FolderLock&&) = delete;

private:
    int file_ = -1;
};

}  // namespace miroir::app
