#include "miroir/sqlite/transaction.hpp"

namespace miroir::sqlite {

Transaction::Transaction(Connection& connection) : connection_(connection) {
    connection_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        connection_.run("ROLLBACK");
    } catch (const Error&) {
        // SQLite has already rolled back by itself, as it does when the disk is full.
    }
}

void Transaction::commit() {
    connection_.run("COMMIT");
    open_ = false;
}

}  // namespace miroir::sqlite
