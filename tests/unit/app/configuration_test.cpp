#include "app/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "app/config_schema.hpp"

namespace miroir::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ConfigSources file(std::string text) {
    ConfigSources sources;
    sources.file_name = "miroir.yaml";
    sources.file_text = std::move(text);
    return sources;
}

ConfigSources variables(std::vector<std::pair<std::string, std::string>> values) {
    ConfigSources sources;
    sources.environment = std::move(values);
    return sources;
}

ConfigSources flags(std::vector<std::string> values) {
    ConfigSources sources;
    sources.flags = std::move(values);
    return sources;
}

Configuration loaded(const ConfigSources& sources) {
    auto result = load(sources);
    if (const auto* errors = std::get_if<ConfigErrors>(&result)) {
        ADD_FAILURE() << testing::PrintToString(*errors);
        return {};
    }
    return std::get<Configuration>(result);
}

ConfigErrors refused(const ConfigSources& sources) {
    auto result = load(sources);
    return std::holds_alternative<ConfigErrors>(result) ? std::get<ConfigErrors>(result) : ConfigErrors{};
}

TEST(LoadConfiguration, WithoutSourcesEveryKeyHasItsDefault) {
    const auto configuration = loaded({});
    EXPECT_EQ(configuration.environment, Environment::dev);
    EXPECT_EQ(configuration.server.port, 7700);
    EXPECT_EQ(configuration.server.max_body_bytes, 100'000'000u);
    EXPECT_EQ(configuration.writes.ack_timeout, std::chrono::seconds(30));
    EXPECT_EQ(configuration.ingest.memory_bytes, 512ULL * 1024 * 1024);
    EXPECT_EQ(configuration.tasks.retention, std::chrono::days(7));
    EXPECT_EQ(configuration.coordination.url, "sqlite://./data/miroir.db");
}

TEST(LoadConfiguration, LaterSourcesWin) {
    auto sources = file("server: {port: 1, io_threads: 1, address: 10.0.0.1}\n");
    sources.environment = {{"MIROIR_SERVER_PORT", "2"}, {"MIROIR_SERVER_IO_THREADS", "2"}};
    sources.flags = {"--server.port", "3"};
    const auto server = loaded(sources).server;
    EXPECT_EQ(server.port, 3);
    EXPECT_EQ(server.io_threads, 2u);
    EXPECT_EQ(server.address, "10.0.0.1");
}

TEST(LoadConfiguration, FlagsMayBeWrittenInSeveralWays) {
    for (const auto& form : {std::vector<std::string>{"--tasks.poll_ms", "20"},
                             {"--tasks.poll_ms=20"},
                             {"--tasks-poll-ms", "20"},
                             {"--tasks_poll_ms=20"}}) {
        EXPECT_EQ(loaded(flags(form)).tasks.poll, std::chrono::milliseconds(20)) << form.front();
    }
}

TEST(LoadConfiguration, UnitsAreUnderstood) {
    const auto configuration =
        loaded(file("server: {max_body_bytes: 1 GiB, request_timeout_ms: 2m}\n"
                    "tasks: {retention_days: 48h}\n"
                    "writes: {ack_timeout_s: 90}\n"));
    EXPECT_EQ(configuration.server.max_body_bytes, 1ULL << 30U);
    EXPECT_EQ(configuration.server.request_timeout, std::chrono::minutes(2));
    EXPECT_EQ(configuration.tasks.retention, std::chrono::days(2));
    EXPECT_EQ(configuration.writes.ack_timeout, std::chrono::seconds(90));
}

TEST(LoadConfiguration, ANumberThatDoesNotFitItsUnitIsRefused) {
    EXPECT_THAT(
        refused(file("tasks: {retention_days: 36h}\n")),
        ElementsAre(
            "miroir.yaml:1: `tasks.retention_days` \"36h\" is not a whole number of days, such as 30 or "
            "30s"));
    EXPECT_THAT(refused(file("ingest: {memory_bytes: 999999999999GiB}\n")), Not(IsEmpty()));
}

TEST(LoadConfiguration, ListsOfNodesAreRead) {
    const auto expected = std::vector<NodeEntry>{{"a", "http://a:7700", 0}, {"b", "http://b:7700", 1}};
    EXPECT_EQ(
        loaded(
            file("nodes:\n  - id: a\n    url: http://a:7700\n  - {id: b, url: 'http://b:7700', group: 1}\n"))
            .nodes,
        expected);
    EXPECT_EQ(
        loaded(
            variables({{"MIROIR_NODES",
                        R"([{"id":"a","url":"http://a:7700"},{"id":"b","url":"http://b:7700","group":1}])"}}))
            .nodes,
        expected);
}

TEST(LoadConfiguration, AnEntryOfAListMustBeComplete) {
    EXPECT_THAT(refused(file("nodes: [{id: a}]\n")),
                ElementsAre("miroir.yaml:1: `nodes` an entry has no \"url\""));
    EXPECT_THAT(refused(file("nodes: [{id: a, url: b, grup: 1}]\n")),
                ElementsAre(HasSubstr("unknown member \"grup\" of an entry: expected id, url, group")));
    EXPECT_THAT(refused(file("index_defaults: [{pattern: 'a*', shards: 0}]\n")),
                ElementsAre(HasSubstr("\"shards\" of an entry is not a whole number from 1 to 1024")));
}

TEST(LoadConfiguration, TrustedProxiesAreAddressesAndBlocks) {
    const auto expected = std::vector<std::string>{"10.0.0.0/8", "::1"};
    EXPECT_EQ(
        loaded(variables({{"MIROIR_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1"}})).server.trusted_proxies,
        expected);
    EXPECT_EQ(
        loaded(file("server:\n  trusted_proxies:\n    - 10.0.0.0/8\n    - ::1\n")).server.trusted_proxies,
        expected);
    EXPECT_THAT(refused(file("server: {trusted_proxies: [10.0.0.0/33]}\n")), Not(IsEmpty()));
    EXPECT_THAT(refused(file("server: {trusted_proxies: [proxy]}\n")), Not(IsEmpty()));
}

TEST(LoadConfiguration, AnAddressToServeIsAnIpAddress) {
    EXPECT_EQ(loaded(file("metrics: {address: '::'}\n")).metrics.address, "::");
    EXPECT_THAT(refused(file("metrics: {address: localhost}\n")),
                ElementsAre(HasSubstr("is not an IP address")));
    EXPECT_THAT(refused(file("metrics: {address: 10.0.0.0/8}\n")),
                ElementsAre(HasSubstr("is not an IP address")));
}

TEST(LoadConfiguration, UnknownNamesAreRefusedWithASuggestion) {
    EXPECT_THAT(refused(file("log: {}\nserver:\n  prot: 1\n")),
                ElementsAre("miroir.yaml:3: unknown key `server.prot`; did you mean `server.port`?"));
    EXPECT_THAT(refused(file("sever: {port: 1}\n")), ElementsAre("miroir.yaml:1: unknown key `sever`"));
    EXPECT_THAT(refused(flags({"--server.prot", "1"})),
                ElementsAre("--server.prot: unknown flag; did you mean `server.port`?"));
    EXPECT_THAT(
        refused(variables({{"MIROIR_MASTERKEY", "x"}})),
        ElementsAre("MIROIR_MASTERKEY: unknown environment variable; did you mean `MIROIR_MASTER_KEY`?"));
}

TEST(LoadConfiguration, VariablesOfKubernetesServicesAreNotOurs) {
    EXPECT_THAT(refused(variables({{"MIROIR_PORT", "tcp://10.0.0.1:7700"},
                                   {"MIROIR_SERVICE_HOST", "10.0.0.1"},
                                   {"MIROIR_SERVICE_PORT_HTTP", "7700"},
                                   {"MIROIR_PORT_7700_TCP_ADDR", "10.0.0.1"}})),
                IsEmpty());
    EXPECT_THAT(refused(variables({{"MIROIR_PORT", "7700"}})), Not(IsEmpty()));
}

TEST(LoadConfiguration, EveryErrorNamesKeyAndSource) {
    auto sources = file("server:\n  port: 99999\n  io_threads: many\n");
    sources.environment = {{"MIROIR_SCATTER_COVER", "most"}};
    sources.flags = {"--writes.wait_for_copies", "0"};
    EXPECT_THAT(
        refused(sources),
        ElementsAre("miroir.yaml:2: `server.port` \"99999\" is not from 0 to 65535",
                    "miroir.yaml:3: `server.io_threads` \"many\" is not a whole number",
                    "--writes.wait_for_copies: `writes.wait_for_copies` \"0\" is not `majority`, `all` or a "
                    "whole number from 1",
                    "MIROIR_SCATTER_COVER: `scatter.cover` \"most\" is not one of `fewest`, `spread`"));
}

TEST(LoadConfiguration, BrokenFilesAreRefused) {
    EXPECT_THAT(refused(file("server: {port: 1\nlog: }")),
                ElementsAre(HasSubstr("miroir.yaml:2: is not YAML")));
    EXPECT_THAT(refused(file("- a\n")), ElementsAre("miroir.yaml: is not a map of keys"));
    EXPECT_THAT(refused(file("server: 7700\n")),
                ElementsAre("miroir.yaml:1: `server` is a section of keys, not a value"));
    EXPECT_THAT(refused(file("server: {port: [1]}\n")),
                ElementsAre(HasSubstr("`server.port` is not one value")));
    EXPECT_THAT(refused(file("log: {level: info}\nlog: {level: warn}\n")),
                ElementsAre("miroir.yaml:2: `log` is given twice"));
    EXPECT_THAT(refused(flags({"--server.port"})), ElementsAre("--server.port: has no value"));
}

TEST(LoadConfiguration, EmptyFilesSectionsAndVariablesChangeNothing) {
    EXPECT_EQ(loaded(file("")), loaded({}));
    EXPECT_EQ(loaded(file("server:\nmaster_key:\n")), loaded({}));
    EXPECT_EQ(loaded(variables({{"MIROIR_SERVER_PORT", " "}})), loaded({}));
}

TEST(LoadConfiguration, TheStageIsTrimmedAndMustBeKnown) {
    EXPECT_EQ(loaded(variables({{"MIROIR_ENV", "prod "}})).environment, Environment::prod);
    EXPECT_THAT(refused(variables({{"MIROIR_ENV", "production"}})),
                ElementsAre("MIROIR_ENV: `environment` \"production\" is not one of `dev`, `prod`"));
}

TEST(LoadConfiguration, MeilisearchsNameOfTheMasterKeyWorksToo) {
    EXPECT_EQ(loaded(variables({{"MEILI_MASTER_KEY", "a"}})).master_key, "a");
    EXPECT_EQ(loaded(variables({{"MEILI_MASTER_KEY", "a"}, {"MIROIR_MASTER_KEY", "b"}})).master_key, "b");
}

TEST(LoadConfiguration, MaxReplicasIsAWholeNumberFromOne) {
    EXPECT_EQ(loaded(variables({{"MIROIR_MAX_REPLICAS", "3"}})).max_replicas, 3u);
    for (const auto* text : {"0", "1.5", "-1", "many", "2x"}) {
        EXPECT_THAT(refused(variables({{"MIROIR_MAX_REPLICAS", text}})), Not(IsEmpty())) << text;
    }
}

TEST(GatherSources, AFileThatIsNotThereIsAnError) {
    const auto result = gather_sources({"--config", "/nonexistent/miroir.yaml"}, nullptr);
    ASSERT_TRUE(std::holds_alternative<ConfigErrors>(result));
    EXPECT_THAT(std::get<ConfigErrors>(result), ElementsAre("/nonexistent/miroir.yaml: cannot be read"));
}

TEST(GatherSources, TheFlagWinsOverTheVariableAndIsTakenOut) {
    const char* const environment[] = {"MIROIR_CONFIG=/nonexistent", "A=b=c", nullptr};
    const auto example = std::string(MIROIR_SOURCE_DIR) + "/config/miroir.example.yaml";
    const auto result = gather_sources({"--config=" + example, "--server.port", "1"}, environment);
    ASSERT_TRUE(std::holds_alternative<ConfigSources>(result));
    const auto& sources = std::get<ConfigSources>(result);
    EXPECT_EQ(sources.file_name, example);
    EXPECT_TRUE(sources.file_text.has_value());
    EXPECT_THAT(sources.flags, ElementsAre("--server.port", "1"));
    EXPECT_EQ(sources.environment[1].second, "b=c");
}

const std::string a_seal_key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

Configuration production() {
    auto configuration = loaded(variables({{"MIROIR_ENV", "prod"},
                                           {"MIROIR_MASTER_KEY", "a-master-key-0123"},
                                           {"MIROIR_ADMIN_KEY", "an-admin-key-0123"},
                                           {"MIROIR_NODE_MASTER_KEY", "a-node-key-012345"},
                                           {"MIROIR_SEAL_KEY", a_seal_key}}));
    configuration.nodes = {{"n0", "http://n0:7700", 0}};
    return configuration;
}

TEST(CheckConfiguration, ACompleteProductionConfigurationPasses) {
    const auto findings = check(production());
    EXPECT_THAT(findings.errors, IsEmpty());
    EXPECT_THAT(findings.warnings, IsEmpty());
}

TEST(CheckConfiguration, AServerSharedByReplicasIsMeantForThemAndHeartbeatsMustFitIntoTheirTime) {
    auto configuration = production();
    configuration.max_replicas = 3;
    configuration.coordination.url = "postgres://user:secret@host/db";
    EXPECT_THAT(check(configuration).errors, IsEmpty());
    configuration.coordination.peer_ttl = 2 * configuration.coordination.heartbeat;
    EXPECT_THAT(check(configuration).errors, ElementsAre(HasSubstr("coordination.peer_ttl_ms")));
}

TEST(CheckConfiguration, WhatIsDangerousInProductionOnlyWarnsInDevelopment) {
    auto configuration = production();
    configuration.master_key = "short";
    configuration.admin_key = "";
    configuration.max_replicas = 2;
    EXPECT_THAT(check(configuration).errors,
                ElementsAre(HasSubstr("MIROIR_MASTER_KEY is shorter than 16 bytes"),
                            HasSubstr("MIROIR_ADMIN_KEY is not set"), HasSubstr("MIROIR_MAX_REPLICAS is 2")));
    configuration.environment = Environment::dev;
    EXPECT_THAT(check(configuration).errors, IsEmpty());
    EXPECT_EQ(check(configuration).warnings.size(), 3u);
}

TEST(CheckConfiguration, ProductionNeedsASealKey) {
    auto configuration = production();
    configuration.seal_key = "";
    EXPECT_THAT(check(configuration).errors, ElementsAre(HasSubstr("MIROIR_SEAL_KEY is not set")));
    configuration.environment = Environment::dev;
    EXPECT_THAT(check(configuration).errors, IsEmpty());
    EXPECT_THAT(check(configuration).warnings, IsEmpty());
}

TEST(LoadConfiguration, ASealKeyIs32BytesInBase64) {
    EXPECT_EQ(loaded(variables({{"MIROIR_SEAL_KEY", a_seal_key}})).seal_key, a_seal_key);
    EXPECT_THAT(refused(variables({{"MIROIR_SEAL_KEY", "secret"}})), ElementsAre(HasSubstr("`seal_key`")));
}

TEST(CheckConfiguration, OneKeyForClientsAndOperatorsIsDangerous) {
    auto configuration = production();
    configuration.admin_key = configuration.master_key;
    EXPECT_THAT(check(configuration).errors, ElementsAre(HasSubstr("equals MIROIR_MASTER_KEY")));
}

TEST(CheckConfiguration, NodesMustBeDistinctAndReachable) {
    auto configuration = production();
    configuration.nodes = {
        {"n0", "http://n0:7700", 0}, {"n0", "http://n1:7700/path", 0}, {"n 2", "http://n0:7700", 0}};
    EXPECT_THAT(check(configuration).errors,
                ElementsAre(HasSubstr("not http://host:port"), HasSubstr("listed twice"),
                            HasSubstr("not an id"), HasSubstr("url of another node")));
    for (const auto* url : {"https://n0:7700", "http://n0:77000", "http://n0:", "http://:7700", "n0:7700"}) {
        configuration.nodes = {{"n0", url, 0}};
        EXPECT_THAT(check(configuration).errors, ElementsAre(HasSubstr("not http://host:port"))) << url;
    }
    configuration.nodes = {{"n0", "http://[::1]:7700", 0}, {"n1", "http://n1", 0}};
    EXPECT_THAT(check(configuration).errors, IsEmpty());
}

TEST(CheckConfiguration, MoreCopiesThanThereAreCannotBeWaitedFor) {
    auto configuration = production();
    configuration.nodes = {{"a", "http://a:1", 0}, {"b", "http://b:1", 1}};
    configuration.writes.wait_for_copies = "2";
    EXPECT_THAT(check(configuration).errors, IsEmpty());
    configuration.writes.wait_for_copies = "3";
    EXPECT_THAT(check(configuration).errors, ElementsAre(HasSubstr("writes.wait_for_copies")));
}

TEST(CheckConfiguration, OtherMisfitsAreErrors) {
    auto configuration = production();
    configuration.metrics.port = configuration.server.port;
    configuration.ingest.memory_bytes = 1'000'000;
    EXPECT_THAT(check(configuration).errors,
                ElementsAre(HasSubstr("metrics.port"), HasSubstr("ingest.memory_bytes")));
}

TEST(EffectiveValues, NeverShowASecret) {
    auto configuration = production();
    configuration.coordination.url = "postgres://user:a-database-key@host/db";
    std::string all;
    for (const auto& [path, value] : effective_values(configuration)) all += path + "=" + value + "\n";
    EXPECT_THAT(all, Not(HasSubstr("-key-0")));
    EXPECT_THAT(all, Not(HasSubstr(a_seal_key)));
    EXPECT_THAT(all, HasSubstr("master_key=********\n"));
    EXPECT_THAT(all, HasSubstr("coordination.url=postgres://user:********@host/db\n"));
    for (const auto* url : {"postgres://user@host/db?a=1&password=a-database-key&b=2",
                            "redis://:a-database-key@and@more@host/0", "rediss://u:a/database-key@host"}) {
        configuration.coordination.url = url;
        for (const auto& [path, value] : effective_values(configuration)) {
            EXPECT_THAT(value, Not(HasSubstr("database-key"))) << url;
            EXPECT_THAT(value, Not(HasSubstr("and@"))) << url;
        }
    }
}

TEST(EffectiveValues, AreReadBackAsTheSameConfiguration) {
    auto configuration = loaded({});
    configuration.nodes = {{"n: 0", "http://n0:7700", 2}};
    configuration.index_defaults = {{"logs-*", 3}};
    configuration.server.trusted_proxies = {"10.0.0.0/8", "::1"};
    configuration.scatter.unavailable_shard_policy = UnavailableShardPolicy::error;
    std::vector<std::string> arguments;
    for (const auto& [path, value] : effective_values(configuration)) {
        arguments.push_back("--" + path + "=" + value);
    }
    EXPECT_EQ(loaded(flags(arguments)), configuration);
}

}  // namespace
}  // namespace miroir::app
