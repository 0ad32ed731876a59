#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "source_text.hpp"

namespace miroir::architecture {
namespace {

namespace fs = std::filesystem;

struct Layer {
    std::string folder;
    std::vector<std::string> uses;  // may include these, and whatever these may include
};

// The layers, lowest first. Folders named with a '/' are units of their own.
const std::vector<Layer> layers = {
    {"base", {}},
    {"runtime", {"base"}},
    {"meili", {"base"}},
    {"cluster", {"base"}},
    {"coordination", {"base", "runtime", "meili", "cluster"}},
    {"sqlite", {"base", "runtime"}},
    {"stores/sql", {"coordination"}},
    {"stores/sqlite", {"stores/sql", "sqlite"}},
    {"stores/sealed", {"coordination"}},
    {"stores/postgres", {"stores/sql"}},
    {"stores/redis", {"coordination"}},
    {"http", {"base", "runtime"}},
    {"nodes", {"meili", "cluster", "http"}},
    {"leases", {"coordination"}},
    {"membership", {"nodes", "leases"}},
    {"auth", {"meili", "coordination"}},
    {"tasks", {"nodes", "leases"}},
    {"scatter", {"membership", "auth"}},
    {"writes", {"tasks", "membership", "auth"}},
    {"operations", {"scatter", "writes"}},
    {"capabilities", {"operations"}},
    {"telemetry", {"base", "runtime", "http"}},
    {"ui", {"base"}},
    {"devnode", {"meili", "http", "sqlite"}},
    {"api", {"capabilities", "telemetry", "ui", "devnode"}},
    {"app", {"api", "stores/sealed", "stores/sqlite", "stores/postgres", "stores/redis"}},
};

// Libraries that only some folders may see, by the start of the header's name.
struct Library {
    std::string header;
    std::set<std::string> folders;
};
const std::vector<Library> libraries = {
    {"prometheus/", {"telemetry"}},
    {"yaml-cpp/", {"app"}},
    {"CLI/", {"app"}},
    {"sqlite3.h", {"sqlite"}},
    {"sodium.h", {"base"}},
    {"pqxx/", {"stores/postgres"}},
    {"hiredis/", {"stores/redis"}},
};
// Folders that do no I/O.
const std::set<std::string> pure = {"base", "meili", "cluster"};

std::map<std::string, std::set<std::string>> allowed_includes() {
    std::map<std::string, std::set<std::string>> allowed;
    for (const auto& layer : layers) {
        auto& mine = allowed[layer.folder];
        for (const auto& used : layer.uses) {
            mine.insert(used);
            mine.insert(allowed.at(used).begin(), allowed.at(used).end());
        }
    }
    return allowed;
}

// "stores/sqlite" of "stores/sqlite/store.hpp", "api" of "api/admin/nodes.hpp". Empty for a file outside a
// folder.
std::string folder_of(const fs::path& below) {
    const auto folder = below.parent_path();
    if (folder.empty()) return "";
    const auto first = *folder.begin();
    const bool split = first == "stores" || first == "capabilities";
    if (!split || std::distance(folder.begin(), folder.end()) < 2) return first.generic_string();
    return (first / *std::next(folder.begin())).generic_string();
}

std::string folder_of(const std::string& name) {
    const fs::path path = name;
    return folder_of(path.lexically_relative(name.starts_with("src/") ? "src" : "include/miroir"));
}

bool is_allowed(const std::string& from, const std::string& to) {
    static const auto allowed = allowed_includes();
    if (from == to) return true;
    // A capability may see what all capabilities may see, but no other capability.
    const auto as_layer = [](const std::string& f) {
        return f.starts_with("capabilities/") ? "capabilities" : f;
    };
    const auto found = allowed.find(as_layer(from));
    if (found == allowed.end() || (as_layer(from) == as_layer(to))) return false;
    return found->second.contains(as_layer(to));
}

// The repository's file that a quoted include means, empty for a generated or foreign one.
std::string resolved(const std::string& includer, const std::string& folder, const std::string& target) {
    const fs::path root = MIROIR_SOURCE_DIR;
    const std::vector<fs::path> places = {fs::path(includer).parent_path(), fs::path("src") / folder, "src",
                                          "include"};
    for (const auto& place : places) {
        const auto candidate = (place / target).lexically_normal();
        if (fs::exists(root / candidate)) return candidate.generic_string();
    }
    return "";
}

// What is wrong with one include of one file; empty when nothing.
std::string fault_of(const std::string& file, const Include& include) {
    const auto from = folder_of(file);
    if (!include.quoted) {
        for (const auto& library : libraries) {
            if (include.target.starts_with(library.header) && !library.folders.contains(from)) {
                return "only its own layer sees <" + library.header + ">";
            }
        }
        const bool io = include.target.starts_with("boost/asio") || include.target.starts_with("boost/beast");
        return io && pure.contains(from) ? "'" + from + "' is pure: no Asio, no Beast" : "";
    }
    if (include.target.starts_with("miroir/")) {
        const auto to = folder_of("include/" + include.target);
        return is_allowed(from, to) ? "" : "'" + from + "' may not use '" + to + "'";
    }
    const auto target = resolved(file, from, include.target);
    if (target.empty()) return "";
    if (file.starts_with("include/")) return "a public header includes a private one";
    if (!target.starts_with("src/")) return "reach public headers as \"miroir/...\"";
    return folder_of(target) == from ? "" : "a private header of '" + folder_of(target) + "'";
}

TEST(Layering, NoFileIncludesUpwardOrSideways) {
    std::vector<std::string> complaints;
    for (const auto& file : source_files({"include", "src"})) {
        if (folder_of(file.name).empty()) continue;
        for (const auto& include : includes_of(file.text)) {
            const auto fault = fault_of(file.name, include);
            if (fault.empty()) continue;
            complaints.push_back(file.name + ":" + std::to_string(include.line) + ": " + include.target +
                                 ": " + fault);
        }
    }
    EXPECT_TRUE(complaints.empty()) << joined(complaints);
}

TEST(Layering, EveryFolderIsInTheTable) {
    std::vector<std::string> complaints;
    for (const auto& file : source_files({"include", "src"})) {
        auto folder = folder_of(file.name);
        if (folder.starts_with("capabilities/")) folder = "capabilities";
        if (!folder.empty() && !allowed_includes().contains(folder)) complaints.push_back(file.name);
    }
    EXPECT_TRUE(complaints.empty()) << "Add a row to the table of layers for:" << joined(complaints);
}

TEST(Layering, UpwardAndSidewaysIncludesAreFaults) {
    const auto fault = [](const std::string& file, const std::string& target, bool quoted) {
        const Include include{target, quoted, 1};
        return fault_of(file, include);
    };
    EXPECT_EQ(fault("src/scatter/plan.cpp", "miroir/cluster/cover.hpp", true), "");
    EXPECT_EQ(fault("src/stores/sqlite/store.cpp", "miroir/base/ids.hpp", true), "");
    EXPECT_NE(fault("src/base/hash.cpp", "miroir/cluster/cover.hpp", true), "");
    EXPECT_NE(fault("src/scatter/plan.cpp", "miroir/writes/lane.hpp", true), "");
    EXPECT_NE(fault("src/stores/redis/store.cpp", "miroir/stores/sqlite/store.hpp", true), "");
    EXPECT_NE(fault("src/capabilities/ttl/sweep.cpp", "miroir/capabilities/cdc/log.hpp", true), "");
    EXPECT_NE(fault("src/api/search.cpp", "miroir/stores/sqlite/store.hpp", true), "");
    EXPECT_NE(fault("src/cluster/cover.cpp", "boost/asio/awaitable.hpp", false), "");
    EXPECT_NE(fault("src/http/server.cpp", "prometheus/counter.h", false), "");
}

}  // namespace
}  // namespace miroir::architecture
