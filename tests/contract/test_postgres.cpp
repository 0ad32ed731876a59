#include "test_postgres.hpp"

#include <cstdlib>
#include <pqxx/pqxx>
#include <regex>
#include <stdexcept>

#include "miroir/base/hash.hpp"

namespace miroir::contract {

namespace {

std::string server_url() {
    const char* url = std::getenv("MIROIR_TEST_POSTGRES");
    return url == nullptr ? "" : url;
}

}  // namespace

bool TestPostgres::is_there() {
    return !server_url().empty();
}

TestPostgres::TestPostgres() : schema_("test_" + random_hex(8)) {
    pqxx::connection connection(server_url());
    pqxx::nontransaction(connection).exec("CREATE SCHEMA " + schema_);
}

TestPostgres::~TestPostgres() {
    try {
        run("SET client_min_messages = warning; DROP SCHEMA " + schema_ + " CASCADE");
    } catch (const std::exception&) {
        // The server ends with the tests.
    }
}

std::string TestPostgres::url() const {
    return server_url() + "?options=-csearch_path%3D" + schema_;
}

std::string TestPostgres::url_through(unsigned short port) const {
    static const std::regex authority("(@[^:/]+):[0-9]+/");
    return std::regex_replace(url(), authority, "$1:" + std::to_string(port) + "/");
}

unsigned short TestPostgres::server_port() {
    static const std::regex port("@[^:/]+:([0-9]+)/");
    const std::string url = server_url();
    std::smatch found;
    if (!std::regex_search(url, found, port)) throw std::runtime_error("MIROIR_TEST_POSTGRES has no port");
    return static_cast<unsigned short>(std::stoi(found[1]));
}

void TestPostgres::stop_clock() {
    run("CREATE TABLE test_clock AS SELECT store_time() AS us;"
        "CREATE OR REPLACE FUNCTION store_time() RETURNS BIGINT LANGUAGE SQL AS 'SELECT us FROM test_clock'");
}

void TestPostgres::move_clock(std::chrono::milliseconds by) {
    run("UPDATE test_clock SET us = us + " + std::to_string(std::chrono::microseconds(by).count()));
}

void TestPostgres::run(const std::string& sql) {
    pqxx::connection connection(url());
    pqxx::nontransaction(connection).exec(sql);
}

std::string TestPostgres::value(const std::string& sql) {
    pqxx::connection connection(url());
    return pqxx::nontransaction(connection).exec1(sql)[0].c_str();
}

}  // namespace miroir::contract
