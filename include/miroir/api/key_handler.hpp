#pragma once

#include <functional>
#include <string>

#include "miroir/api/route.hpp"
#include "miroir/base/clock.hpp"
#include "miroir/coordination/key_store.hpp"

namespace miroir::api {

struct KeyHandlerOptions {
    std::string master_key;
    std::uint64_t keys_max = 0;
    // Returns when every replica judges by the keys as they are now. On the control executor.
    std::function<Async<void>()> seen_by_all;
};

// /keys: read from the store and written to it; a change is answered when it is in force everywhere.
class KeyHandler {
public:
    KeyHandler(coordination::KeyStore& keys, KeyHandlerOptions options, Executor control);

    Async<Result<http::Response>> create(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> list(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> get(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> update(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> remove(http::Request request, auth::Grant grant);

private:
    std::string key_json(const coordination::ApiKey& key) const;
    // The uid that the path names, by itself or by the key's value.
    Async<Result<std::string>> uid_in(std::string named);
    Async<coordination::KeyStore::Creation> create_and_tell(coordination::ApiKey draft);
    Async<std::optional<coordination::ApiKey>> update_and_tell(std::string uid, meili::KeyUpdate change);
    Async<bool> remove_and_tell(std::string uid);

    coordination::KeyStore& keys_;
    const KeyHandlerOptions options_;
    Executor control_;
};

}  // namespace miroir::api
