#include "session.hpp"

namespace miroir::stores {

Session::Session(const std::string& path, const SqliteStoreOptions& options)
    : options_(options),
      connection_(path, {.lock_wait = options.lock_wait}),
      pool_(1, options.queue_max, "sqlite") {}

}  // namespace miroir::stores
