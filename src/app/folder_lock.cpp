#include "folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace miroir::app {

FolderLock::FolderLock(const std::filesystem::path& folder) {
    const auto path = (folder / "lock").string();
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const int fault = errno;
        close(file_);
        if (fault == EWOULDBLOCK) {
            throw std::runtime_error(folder.string() + " is in use by another miroir");
        }
        throw std::system_error(fault, std::generic_category(), path);
    }
}

FolderLock::~FolderLock() {
    close(file_);
}

}  // namespace miroir::app
