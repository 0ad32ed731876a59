#include "secret_texts.hpp"

#include "miroir/coordination/store_error.hpp"
#include "miroir/stores/sealed/store.hpp"

namespace miroir::stores {

bool holds_secrets(std::string_view json) {
    constexpr std::string_view name = "\"embedders\":";
    for (auto at = json.find(name); at != std::string_view::npos; at = json.find(name, at + 1)) {
        const auto value = json.substr(at + name.size());
        if (!value.starts_with("{}") && !value.starts_with("null")) {
            return true;
        }
    }
    return false;
}

std::string SecretTexts::to_store(std::string text) const {
    return holds_secrets(text) ? sealer_.seal(text) : std::move(text);
}

std::string SecretTexts::from_store(std::string text) const {
    if (!is_sealed(text)) {
        return text;
    }
    auto opened = sealer_.open(text);
    if (!opened) {
        throw coordination::StoreUnavailable(
            "the secrets in the coordination store cannot be opened: seal_key is not the one they were "
            "sealed "
            "with");
    }
    return std::move(*opened);
}

}  // namespace miroir::stores
