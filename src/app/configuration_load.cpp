#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config_schema.hpp"
#include "config_values.hpp"
#include "configuration.hpp"

namespace miroir::app {
namespace {

struct Setting {
    std::string text;
    std::string source;
};

// The form in which keys, variables and flags are the same name: "server_port".
std::string plain(std::string name) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
    return name;
}

std::vector<std::string> all_paths() {
    std::vector<std::string> paths;
    for (const auto& key : config_schema()) paths.push_back(key.path);
    return paths;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& candidates) {
    const auto like = closest(name, candidates);
    return like.empty() ? "" : "; did you mean `" + like + "`?";
}

const ConfigKey* find_key(const std::string& path) {
    const auto& schema = config_schema();
    const auto found =
        std::find_if(schema.begin(), schema.end(), [&](const ConfigKey& key) { return key.path == path; });
    return found == schema.end() ? nullptr : &*found;
}

bool is_section(const std::string& path) {
    const auto& schema = config_schema();
    return std::any_of(schema.begin(), schema.end(),
                       [&](const ConfigKey& key) { return section_of(key.path) == path; });
}

// Reads the sources one after another; a later setting of a key replaces an earlier one.
class Loader {
public:
    void read_file(const std::string& name, const std::string& text) {
        file_ = name;
        try {
            const auto root = YAML::Load(text);
            if (root.IsNull()) return;
            if (!root.IsMap()) {
                complain(name + ": is not a map of keys");
                return;
            }
            read_map(root, "");
        } catch (const YAML::Exception& broken) {
            complain(name + ":" + std::to_string(broken.mark.line + 1) + ": is not YAML: " + broken.msg);
        }
    }

    void read_environment(const std::vector<std::pair<std::string, std::string>>& environment) {
        const std::map<std::string, std::string> values(environment.begin(), environment.end());
        std::vector<std::string> known = {"MIROIR_CONFIG"};
        for (const auto& key : config_schema()) {
            known.insert(known.end(), key.variables.begin(), key.variables.end());
            for (const auto& variable : key.variables) {
                const auto found = values.find(variable);
                if (found == values.end() || trimmed(found->second).empty()) continue;
                settings_[key.path] = {std::string(trimmed(found->second)), variable};
                break;
            }
        }
        for (const auto& [name, value] : values) {
            const bool ours = name.starts_with("MIROIR_") && !is_service_link(name, value);
            if (!ours || std::find(known.begin(), known.end(), name) != known.end()) continue;
            complain(name + ": unknown environment variable" + suggestion(name, known));
        }
    }

    void read_flags(const std::vector<std::string>& flags) {
        for (std::size_t i = 0; i < flags.size(); ++i) {
            if (!flags[i].starts_with("--")) {
                complain("`" + flags[i] + "`: expected a flag, such as --server.port 7700");
                continue;
            }
            const auto equals = flags[i].find('=');
            const auto name = flags[i].substr(2, equals == std::string::npos ? equals : equals - 2);
            const auto* key = find_flag(name);
            const bool inside = equals != std::string::npos;
            const bool behind = !inside && i + 1 < flags.size() && !flags[i + 1].starts_with("--");
            if (key == nullptr) {
                complain("--" + name + ": unknown flag" + suggestion(name, all_paths()));
            } else if (!inside && !behind) {
                complain("--" + name + ": has no value");
            } else {
                const auto text = inside ? flags[i].substr(equals + 1) : flags[i + 1];
                settings_[key->path] = {std::string(trimmed(text)), "--" + name};
            }
            if (behind) ++i;
        }
    }

    std::variant<Configuration, ConfigErrors> finish() {
        Configuration configuration;
        for (const auto& key : config_schema()) {
            const auto found = settings_.find(key.path);
            if (found == settings_.end()) {
                key.assign(configuration, key.fallback);
                continue;
            }
            const auto& setting = found->second;
            const auto fault = key.assign(configuration, setting.text);
            if (fault.empty()) continue;
            const auto value = key.secret || key.list ? "" : "\"" + setting.text + "\" ";
            complain(setting.source + ": `" + key.path + "` " + value + fault);
        }
        if (!errors_.empty()) return errors_;
        return configuration;
    }

private:
    void read_map(const YAML::Node& map, const std::string& section) {
        std::set<std::string> seen;
        for (const auto& member : map) {
            const auto name = member.first.IsScalar() ? member.first.Scalar() : "?";
            const auto path = section.empty() ? name : section + "." + name;
            const auto place = file_ + ":" + std::to_string(member.first.Mark().line + 1);
            if (!seen.insert(name).second) complain(place + ": `" + path + "` is given twice");
            read_member(path, member.second, place);
        }
    }

    void read_member(const std::string& path, const YAML::Node& value, const std::string& place) {
        const auto* key = find_key(path);
        if (key == nullptr && is_section(path)) {
            if (value.IsMap()) return read_map(value, path);
            if (!value.IsNull()) complain(place + ": `" + path + "` is a section of keys, not a value");
        } else if (key == nullptr) {
            complain(place + ": unknown key `" + path + "`" + suggestion(path, all_paths()));
        } else if (value.IsScalar()) {
            settings_[path] = {std::string(trimmed(value.Scalar())), place};
        } else if (key->list && value.IsSequence()) {
            settings_[path] = {YAML::Dump(value), place};
        } else if (!value.IsNull()) {
            complain(place + ": `" + path + "` is not one value: expected " + key->accepts);
        }
    }

    static const ConfigKey* find_flag(const std::string& name) {
        const auto& schema = config_schema();
        const auto found = std::find_if(schema.begin(), schema.end(),
                                        [&](const ConfigKey& key) { return plain(key.path) == plain(name); });
        return found == schema.end() ? nullptr : &*found;
    }

    // Kubernetes puts these into every container when a service has such a name.
    static bool is_service_link(const std::string& name, const std::string& value) {
        static const std::regex link("_SERVICE_HOST$|_SERVICE_PORT(_|$)|_PORT_[0-9]+_(TCP|UDP)(_|$)");
        return std::regex_search(name, link) || (name.ends_with("_PORT") && value.starts_with("tcp://"));
    }

    void complain(std::string what) { errors_.push_back(std::move(what)); }

    std::string file_;
    std::map<std::string, Setting> settings_;
    ConfigErrors errors_;
};

}  // namespace

std::variant<ConfigSources, ConfigErrors> gather_sources(std::vector<std::string> flags,
                                                         const char* const* environment) {
    ConfigSources sources;
    for (; environment != nullptr && *environment != nullptr; ++environment) {
        const std::string entry = *environment;
        const auto equals = entry.find('=');
        if (equals == std::string::npos) continue;
        sources.environment.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
        if (sources.environment.back().first == "MIROIR_CONFIG")
            sources.file_name = sources.environment.back().second;
    }
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i] == "--config" && i + 1 < flags.size()) {
            sources.file_name = flags[++i];
        } else if (flags[i].starts_with("--config=")) {
            sources.file_name = flags[i].substr(flags[i].find('=') + 1);
        } else {
            sources.flags.push_back(flags[i]);
        }
    }
    if (sources.file_name.empty()) return sources;
    std::ifstream file(sources.file_name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return ConfigErrors{sources.file_name + ": cannot be read"};
    sources.file_text = text.str();
    return sources;
}

std::variant<Configuration, ConfigErrors> load(const ConfigSources& sources) {
    Loader loader;
    if (sources.file_text) loader.read_file(sources.file_name, *sources.file_text);
    loader.read_environment(sources.environment);
    loader.read_flags(sources.flags);
    return loader.finish();
}

}  // namespace miroir::app
