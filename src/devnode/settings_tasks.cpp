#include "devnode/task_runner.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::devnode {

TaskOutcome TaskRunner::update_settings(const Task& task, const JsonValue& parameters) {
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index && !parameters.find("creates")->boolean) {
        return {"", meili::index_not_found(*task.index_uid)};
    }
    if (!index) {
        index = &make_index(*task.index_uid);
    }
    const auto change = meili::parse_settings(meili::print(*parameters.find("change")));
    if (!change) {
        return {"", change.error()};
    }
    auto settings = meili::apply(index->rules().settings_json, change.value());
    if (auto checked = meili::check_applied(settings); !checked) {
        return {"",
                meili::error(checked.error().code, "Index `" + index->uid + "`: " + checked.error().message)};
    }
    if (index->set_rules(make_rules(std::move(settings)))) {
        storage_.rebuild_words(*index);
    }
    touch(*index);
    return {};
}

}  // namespace miroir::devnode
