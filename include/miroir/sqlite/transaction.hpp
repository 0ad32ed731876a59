#pragma once

#include "miroir/sqlite/connection.hpp"

namespace miroir::sqlite {

// Takes the write lock at once. Rolled back unless committed.
class Transaction {
public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(Transaction&&) = delete;

    void commit();

private:
    Connection& connection_;
    bool open_ = true;
};

}  // namespace miroir::sqlite
