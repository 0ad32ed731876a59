#include "configuration_docs.hpp"

#include <map>

#include "config_schema.hpp"

namespace miroir::app {
namespace {

constexpr std::size_t comment_columns = 100;

const char* title_of(const std::string& section) {
    static const std::map<std::string, const char*> titles = {
        {"", "The process and the fleet"},
        {"server", "Serving clients"},
        {"metrics", "Serving metrics"},
        {"placement", "Where copies live"},
        {"coordination", "Coordination store"},
        {"auth", "API keys"},
        {"idempotency", "Idempotency keys"},
        {"health", "Probing nodes"},
        {"breaker", "Leaving out failing nodes"},
        {"writes", "Accepting writes"},
        {"ingest", "Bounds of uploads"},
        {"settings", "Changing settings"},
        {"operations", "Changing indexes"},
        {"repair", "Repairing copies"},
        {"tasks", "Tasks"},
        {"scatter", "Reading"},
        {"limits", "Other bounds"},
        {"log", "Log"},
    };
    return titles.at(section);
}

// Sections in the order in which they first come up, each with its keys.
std::vector<std::pair<std::string, std::vector<const ConfigKey*>>> sections() {
    std::vector<std::pair<std::string, std::vector<const ConfigKey*>>> all;
    for (const auto& key : config_schema()) {
        const auto section = section_of(key.path);
        auto found = all.begin();
        while (found != all.end() && found->first != section) ++found;
        if (found == all.end()) found = all.insert(all.end(), {section, {}});
        found->second.push_back(&key);
    }
    return all;
}

std::string row_of(const ConfigKey& key) {
    std::string variables;
    for (const auto& variable : key.variables)
        variables += (variables.empty() ? "`" : ", `") + variable + "`";
    const auto fallback = key.fallback.empty() ? "(not set)" : "`" + key.fallback + "`";
    return "| `" + key.path + "` | " + key.accepts + (key.secret ? " (secret)" : "") + " | " + fallback +
           " | " + variables + " | " + key.description + " |\n";
}

// `text` as comment lines of bounded width.
std::string comment(const std::string& text, const std::string& indent) {
    std::string lines;
    std::string line = indent + "#";
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(' ', begin), text.size());
        if (line.size() + 1 + end - begin > comment_columns) {
            lines += line + "\n";
            line = indent + "#";
        }
        line += " " + text.substr(begin, end - begin);
        begin = end + 1;
    }
    return lines + line + "\n";
}

std::string yaml_of(const ConfigKey& key, const std::string& indent) {
    const auto name = key.path.substr(section_of(key.path).empty() ? 0 : section_of(key.path).size() + 1);
    auto text = comment(key.description + " (" + key.accepts + ")", indent);
    if (key.path == "nodes")
        text += indent + "#   - {id: node-0, url: \"http://127.0.0.1:7701\", group: 0}\n";
    if (key.path == "index_defaults") text += indent + "#   - {pattern: \"logs-*\", shards: 64}\n";
    return text + indent + name + ": " + (key.fallback.empty() ? "\"\"" : key.fallback) + "\n";
}

}  // namespace

std::string configuration_markdown() {
    std::string text =
        "# Configuration\n\n"
        "A setting comes from, the later one winning: its default, the YAML file that `--config FILE` or\n"
        "`MIROIR_CONFIG` names, an environment variable, a flag. A flag is the key's name: `--server.port "
        "7700`\n"
        "(`--server-port` does as well). Unknown keys, flags and `MIROIR_*` variables are errors. Values are "
        "trimmed;\n"
        "an empty variable counts as not set. `config/miroir.example.yaml` holds every key with its "
        "default.\n\n"
        "Bytes may have a unit (`kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`), times as well (`ms`, `s`, `m`, `h`, "
        "`d`);\n"
        "without one they count in the unit of the key's name.\n\n"
        "Keys marked *secret* are never printed or logged; set them through the environment.\n";
    for (const auto& [section, keys] : sections()) {
        text += "\n## " + std::string(title_of(section)) + "\n\n";
        text += "| key | accepts | default | variable | meaning |\n|---|---|---|---|---|\n";
        for (const auto* key : keys) text += row_of(*key);
    }
    return text;
}

std::string example_yaml() {
    std::string text =
        "# Every setting of miroir with its default. docs/configuration.md has them as a table.\n";
    for (const auto& [section, keys] : sections()) {
        if (!section.empty()) text += "\n" + section + ":\n";
        bool first = true;
        for (const auto* key : keys) {
            if (!first || section.empty()) text += "\n";
            first = false;
            text += yaml_of(*key, section.empty() ? "" : "  ");
        }
    }
    return text;
}

}  // namespace miroir::app
