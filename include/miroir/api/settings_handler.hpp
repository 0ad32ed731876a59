#pragma once

#include <string>

#include "miroir/api/route.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/operations/control_operations.hpp"

namespace miroir::api {

// The whole settings of an index and every sub-setting. `key` is the setting's name in the whole
// ("rankingRules"); empty for the whole.
class SettingsHandler {
public:
    SettingsHandler(const membership::SnapshotKeeper& snapshots, operations::ControlOperations& operations,
                    Executor control);

    Async<Result<http::Response>> get(http::Request request, std::string key);
    Async<Result<http::Response>> change(http::Request request, auth::Grant grant, std::string key);
    Async<Result<http::Response>> reset(http::Request request, auth::Grant grant, std::string key);

private:
    Async<Result<http::Response>> submit(std::string uid, std::string change_json, std::string details_json,
                                         bool may_create, std::optional<coordination::TaskClaim> claim);

    const membership::SnapshotKeeper& snapshots_;
    operations::ControlOperations& operations_;
    Executor control_;
};

}  // namespace miroir::api
