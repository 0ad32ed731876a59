#pragma once

#include <string>
#include <vector>

#include "miroir/coordination/task_registry.hpp"
#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// Conditions on the table `tasks`, all of which must hold, with their parameters.
class TaskConditions {
public:
    TaskConditions(const coordination::TaskFilter& filter, const SqlDialect& dialect);

    // `condition` has one `?`.
    void add(const std::string& condition, SqlValue value);

    // `head`, then the conditions, then `tail`, with the parameters bound.
    SqlRows query(SqlConnection& connection, const std::string& head, const std::string& tail) const;

private:
    std::string where_;
    std::vector<SqlValue> values_;
};

}  // namespace miroir::stores
