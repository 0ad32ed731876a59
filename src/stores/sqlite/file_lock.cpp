#include "file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace miroir::stores {

namespace {

std::string holder_of(int file) {
    char text[32] = {};
    const auto length = ::pread(file, text, sizeof(text) - 1, 0);
    return length > 0 ? " (process " + std::string(text, static_cast<std::size_t>(length)) + ")" : "";
}

}  // namespace

FileLock::FileLock(const std::string& path) {
    const std::string lock_path = path + ".lock";
    file_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) throw std::runtime_error("cannot open " + lock_path + ": " + std::strerror(errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = holder_of(file_);
        ::close(file_);
        throw std::runtime_error(
            "the coordination database " + path + " is in use by another replica" + holder +
            ". SQLite serves one replica only: stop the other one, give this one a file of its own, or let "
            "all replicas share a server by setting MIROIR_COORDINATION_URL to a postgres:// or redis:// "
            "URL");
    }
    const std::string process = std::to_string(::getpid());
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, process.data(), process.size(), 0) < 0) {
        // Only the message of a replica that is refused would have told it.
    }
}

FileLock::~FileLock() {
    ::close(file_);
}

}  // namespace miroir::stores
