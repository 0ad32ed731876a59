#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "miroir/coordination/task_registry.hpp"
#include "miroir/sqlite/connection.hpp"

namespace miroir::stores {

// Conditions on the table `tasks`, all of which must hold, with their parameters.
class TaskConditions {
public:
    explicit TaskConditions(const coordination::TaskFilter& filter);

    // `condition` has one `?`.
    void add(const std::string& condition, std::variant<std::int64_t, std::string> value);

    // `head`, then the conditions, then `tail`, with the parameters bound.
    sqlite::Statement query(sqlite::Connection& connection, const std::string& head,
                            const std::string& tail) const;

private:
    std::string where_;
    std::vector<std::variant<std::int64_t, std::string>> values_;
};

}  // namespace miroir::stores
