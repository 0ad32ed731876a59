#pragma once

#include <chrono>
#include <string>

namespace miroir::contract {

// A schema of its own in the database that MIROIR_TEST_POSTGRES names (scripts/with-stores starts one);
// dropped at the end.
class TestPostgres {
public:
    static bool is_there();

    TestPostgres();
    ~TestPostgres();
    TestPostgres(TestPostgres&&) = delete;

    // With the schema as the only one searched.
    std::string url() const;
    // The same through another port of this machine.
    std::string url_through(unsigned short port) const;
    static unsigned short server_port();

    // The store's clock stands still, once its schema is there, and moves when told to.
    void stop_clock();
    void move_clock(std::chrono::milliseconds by);

    void run(const std::string& sql);
    std::string value(const std::string& sql);

private:
    std::string schema_;
};

}  // namespace miroir::contract
