#include "order_key.hpp"

#include <algorithm>

namespace miroir::scatter {
namespace {

int sign(double a, double b) {
    return a < b ? -1 : (a > b ? 1 : 0);
}

}  // namespace

int compare_values(const OrderKey& a, const OrderKey& b) {
    if (a.kind != b.kind) {
        return a.kind < b.kind ? -1 : 1;
    }
    if (a.kind == OrderKey::Kind::text) {
        const int order = a.text.compare(b.text);
        return a.ascending ? order : -order;
    }
    return a.kind == OrderKey::Kind::missing ? 0 : sign(a.cost, b.cost);
}

int compare(OrderKeys a, OrderKeys b) {
    const auto shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
        if (a[i].rule != b[i].rule) {
            // A node that ran out of time ranks what is left below everything; other differences come from
            // settings in transition and have no order.
            const bool a_skipped = a[i].rule == OrderKey::Rule::skipped;
            const bool b_skipped = b[i].rule == OrderKey::Rule::skipped;
            return static_cast<int>(a_skipped) - static_cast<int>(b_skipped);
        }
        int order = 0;
        if (a[i].rule >= OrderKey::Rule::sort) {
            order = compare_values(a[i], b[i]);
        } else {
            order = sign(a[i].cost, b[i].cost);
            if (order == 0) {
                order = sign(a[i].second_cost, b[i].second_cost);
            }
        }
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

}  // namespace miroir::scatter
