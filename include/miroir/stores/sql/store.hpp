#pragma once

#include <memory>
#include <string>

#include "miroir/coordination/store.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

// A backend's database as the store works on it: its schema is there, and it is closed with this.
class SqlDatabase {
public:
    virtual ~SqlDatabase() = default;
    virtual SqlConnections& connections() = 0;
    // Of Store: "sqlite" and "single-process", "postgres" and "shared".
    virtual std::string backend() const = 0;
    virtual std::string mode() const = 0;
};

// The store over a database, whatever its backend: the statements are the same. Thread safe; must outlive its
// calls.
std::unique_ptr<coordination::Store> make_sql_store(std::unique_ptr<SqlDatabase> database,
                                                    SqlSessionOptions options);

}  // namespace miroir::stores
