#include "scripts.hpp"

#include <vector>

namespace miroir::stores {

namespace {

std::vector<std::string_view> files_of(RedisScript script) {
    switch (script) {
        case RedisScript::small:
            return {"small"};
        case RedisScript::catalog:
            return {"tasks_shared", "catalog"};
        case RedisScript::tasks:
            return {"tasks_shared", "tasks"};
        case RedisScript::journal:
            return {"tasks_shared", "ledger_shared", "claims_shared", "journal"};
        case RedisScript::ledger:
            return {"ledger_shared", "ledger"};
        case RedisScript::keys:
            return {"keys"};
    }
    return {};
}

}  // namespace

std::string source_of(RedisScript script, std::string_view clock) {
    std::string source(redis_scripts::file("prelude"));
    source += clock.empty() ? redis_scripts::file("clock") : clock;
    for (const auto name : files_of(script)) source += redis_scripts::file(name);
    return source + "return step[ARGV[1]]()\n";
}

}  // namespace miroir::stores
