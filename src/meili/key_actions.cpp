#include "miroir/meili/key_actions.hpp"

#include <algorithm>
#include <array>

namespace miroir::meili {
namespace {

enum class Scope {
    global,  // no key for some indexes only
    route,   // the route narrows what it shows to the key's indexes
    index,   // only on routes of an index
    several  // stands for actions of several scopes
};

struct Action {
    std::string_view name;
    Scope scope;
    bool reads = false;
};

// crates/meilisearch-types/src/keys.rs: Action, index_scope() and is_read().
constexpr std::array actions{
    Action{"*", Scope::several},
    Action{"search", Scope::route, true},
    Action{"documents.*", Scope::several},
    Action{"documents.add", Scope::index},
    Action{"documents.get", Scope::route, true},
    Action{"documents.delete", Scope::index},
    Action{"indexes.*", Scope::several},
    Action{"indexes.create", Scope::route},
    Action{"indexes.get", Scope::route, true},
    Action{"indexes.update", Scope::index},
    Action{"indexes.delete", Scope::index},
    Action{"indexes.swap", Scope::route},
    Action{"tasks.*", Scope::several},
    Action{"tasks.cancel", Scope::route},
    Action{"tasks.delete", Scope::route},
    Action{"tasks.get", Scope::route, true},
    Action{"settings.*", Scope::several},
    Action{"settings.get", Scope::route, true},
    Action{"settings.update", Scope::index},
    Action{"stats.*", Scope::route},
    Action{"stats.get", Scope::route, true},
    Action{"metrics.*", Scope::global},
    Action{"metrics.get", Scope::global, true},
    Action{"dumps.*", Scope::global},
    Action{"dumps.create", Scope::global},
    Action{"snapshots.*", Scope::global},
    Action{"snapshots.create", Scope::global},
    Action{"version", Scope::global, true},
    Action{"keys.create", Scope::global},
    // Not among what only reads: it would show the values of keys that may more.
    Action{"keys.get", Scope::global},
    Action{"keys.update", Scope::global},
    Action{"keys.delete", Scope::global},
    Action{"experimental.get", Scope::global, true},
    Action{"experimental.update", Scope::global},
    Action{"export", Scope::global, true},
    Action{"network.get", Scope::global, true},
    Action{"network.update", Scope::global},
    Action{"chatCompletions", Scope::route},
    Action{"chats.*", Scope::global},
    Action{"chats.get", Scope::global, true},
    Action{"chats.delete", Scope::global},
    Action{"chatsSettings.*", Scope::global},
    Action{"chatsSettings.get", Scope::global, true},
    Action{"chatsSettings.update", Scope::global},
    Action{"*.get", Scope::several},
    Action{"webhooks.get", Scope::global, true},
    Action{"webhooks.update", Scope::global},
    Action{"webhooks.delete", Scope::global},
    Action{"webhooks.create", Scope::global},
    Action{"webhooks.*", Scope::global},
    Action{"indexes.compact", Scope::index},
    Action{"fields.post", Scope::index, true},
    Action{"tasks.compact", Scope::global},
    Action{"dynamicSearchRules.get", Scope::global, true},
    Action{"dynamicSearchRules.create", Scope::global},
    Action{"dynamicSearchRules.update", Scope::global},
    Action{"dynamicSearchRules.delete", Scope::global},
    Action{"dynamicSearchRules.*", Scope::global},
};

constexpr auto names = [] {
    std::array<std::string_view, actions.size()> list;
    std::transform(actions.begin(), actions.end(), list.begin(), [](const Action& one) { return one.name; });
    return list;
}();

Scope scope_of(std::string_view name) {
    const auto* found =
        std::find_if(actions.begin(), actions.end(), [&](const Action& one) { return one.name == name; });
    return found == actions.end() ? Scope::several : found->scope;
}

}  // namespace

std::span<const std::string_view> key_actions() {
    return names;
}

std::set<std::string, std::less<>> allowed_actions(const std::vector<std::string>& given) {
    std::set<std::string, std::less<>> allowed;
    for (const auto& name : given) {
        const bool family = name.ends_with(".*");
        const auto family_dot = std::string_view(name).substr(0, name.size() - 1);
        for (const auto& action : actions) {
            const bool member = family && action.name != name && action.name.starts_with(family_dot);
            const bool any = name == "*" && action.name != "*.get";
            if (member || any || (name == "*.get" && action.reads)) {
                allowed.emplace(action.name);
            }
        }
        if (!family && name != "*" && name != "*.get") {
            allowed.insert(name);
        }
    }
    return allowed;
}

bool is_global_action(std::string_view action) {
    return scope_of(action) == Scope::global;
}

bool is_checked_by_route(std::string_view action) {
    return scope_of(action) == Scope::route;
}

}  // namespace miroir::meili
