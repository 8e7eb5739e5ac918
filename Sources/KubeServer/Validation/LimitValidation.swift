import Foundation
import KubeModel

/// Rules for what a namespace may use: quotas and limit ranges.
enum LimitValidation {
    private static let counted: Set<String> = [
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ]
    private static let measured: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ]
    private static let scopes: Set<String> = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
        "CrossNamespacePodAffinity", "VolumeAttributesClass",
    ]

    static func amounts(_ amounts: JSON?, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (name, amount) in amounts?.object ?? [:] {
            let place = path.key(name)
            errors += resource(name, place)
            errors += Rules.quantity(amount, place)
            if counted.contains(name) || name.hasPrefix("count/"),
                let value = QuantityText(amount.string ?? ""), value.nanos % 1_000_000_000 != 0
            {
                errors.append(.invalid(place, amount, "must be an integer"))
            }
        }
        return errors
    }

    static func quota(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        var errors = amounts(object.at("spec", "hard"), path["hard"])
        let given = object.at("spec", "scopes")?.array ?? []
        let names = (object.at("spec", "hard")?.object ?? [:]).keys.sorted()
        for scope in given {
            if !scopes.contains(scope.string ?? "") {
                errors.append(.invalid(path["scopes"], .array(given), "unsupported scope"))
            }
            for name in names where !applies(scope, to: name) {
                let detail = "unsupported scope applied to resource"
                errors.append(.invalid(path["scopes"], .array(given), detail))
            }
        }
        errors += conflicts(given, given, path["scopes"])
        if let selector = object.at("spec", "scopeSelector") {
            errors += self.selector(selector, names, given, path["scopeSelector"])
        }
        return errors
    }

    private static let computed: Set<String> = [
        "pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory",
    ]

    private static func applies(_ scope: JSON, to name: String) -> Bool {
        guard counted.contains(name) || measured.contains(name) else { return true }
        switch scope.string ?? "" {
        case "BestEffort": return name == "pods"
        case "VolumeAttributesClass": return name == "persistentvolumeclaims" || name == "requests.storage"
        case let scope where scopes.contains(scope): return computed.contains(name)
        default: return true
        }
    }

    private static func conflicts(_ scopes: [JSON], _ shown: [JSON], _ path: FieldPath) -> [FieldError] {
        [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]].compactMap { pair in
            let isBoth = pair.allSatisfy { scopes.contains(.string($0)) }
            return isBoth ? .invalid(path, shown.isEmpty ? .null : .array(shown), "conflicting scopes") : nil
        }
    }

    private static func selector(
        _ selector: JSON,
        _ names: [String],
        _ scopes: [JSON],
        _ parent: FieldPath
    ) -> [FieldError] {
        let path = parent["matchExpressions"]
        let requirements = selector.elements(of: "matchExpressions")
        let plain: Set = [
            "BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity",
        ]
        var errors: [FieldError] = []
        for requirement in requirements {
            let scope = requirement["scopeName"] ?? ""
            let relation = requirement["operator"] ?? ""
            let values = requirement.elements(of: "values")
            if !Self.scopes.contains(scope.string ?? "") {
                errors.append(.invalid(path["scopeName"], scope, "unsupported scope"))
            }
            if plain.contains(scope.string ?? ""), relation != "Exists" {
                let detail =
                    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, "
                    + "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                    + "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
                errors.append(.invalid(path["operator"], relation, detail))
            }
            switch relation.string ?? "" {
            case "In", "NotIn":
                guard values.isEmpty else { break }
                let detail =
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                errors.append(.required(path["values"], detail))
            case "Exists", "DoesNotExist":
                guard !values.isEmpty else { break }
                let detail =
                    "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                errors.append(.invalid(path["values"], .array(values), detail))
            default: errors.append(.invalid(path["operator"], relation, "not a valid selector operator"))
            }
        }
        return errors + conflicts(requirements.compactMap { $0["scopeName"] }, scopes, path)
    }

    private static func resource(_ name: String, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = NameRule.qualifiedNameProblems(name).map {
            .invalid(path, .string(name), $0)
        }
        guard errors.isEmpty, !name.contains("/") else { return errors }
        let isKnown = counted.contains(name) || measured.contains(name)
        let isPages = name.hasPrefix("hugepages-") || name.hasPrefix("requests.hugepages-")
        guard !isKnown, !isPages else { return [] }
        if name != "storage" {
            errors.append(
                .invalid(path, .string(name), "must be a standard resource type or fully qualified")
            )
        }
        errors.append(.invalid(path, .string(name), "must be a standard resource for quota"))
        return errors
    }

    static func quotaUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let value = object.at("spec", "scopes")
        guard value != old.at("spec", "scopes") else { return [] }
        return [.invalid(FieldPath("spec", "scopes"), value ?? .null, Rules.immutable)]
    }

    // MARK: Ranges

    static func range(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        var types: Set<String> = []
        for (index, limit) in (object.at("spec", "limits")?.array ?? []).enumerated() {
            let path = FieldPath("spec", "limits")[index]
            let type = limit["type"]?.string ?? ""
            if !["Container", "Pod", "PersistentVolumeClaim"].contains(type), !type.contains("/") {
                let detail = "must be a standard limit type or fully qualified"
                errors.append(.invalid(path["type"], .string(type), detail))
            }
            if !types.insert(type).inserted { errors.append(.duplicate(path["type"], .string(type))) }
            if type == "Pod" {
                for key in ["default", "defaultRequest"]
                where !(limit[key]?.object?.isEmpty ?? true) {
                    errors.append(.forbidden(path[key], "may not be specified when `type` is 'Pod'"))
                }
            }
            if type == "PersistentVolumeClaim", limit.at("min", "storage") == nil,
                limit.at("max", "storage") == nil
            {
                let detail = "either minimum or maximum storage value is required, but neither was provided"
                errors.append(.required(path["limits"], detail))
            }
            errors += names(limit, type, path)
            errors += item(limit, path)
        }
        return errors
    }

    private static func names(_ limit: JSON, _ type: String, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]
        for list in lists where type != "Pod" || !list.hasPrefix("default") {
            for name in (limit[list]?.object ?? [:]).keys.sorted() {
                let place = path[list].key(name)
                let problems = NameRule.qualifiedNameProblems(name)
                errors += problems.map { .invalid(place, .string(name), $0) }
                guard problems.isEmpty, !name.contains("/"), !name.hasPrefix("hugepages-") else { continue }
                if !ResourceValidation.isStandard(name) {
                    let detail = "must be a standard resource type or fully qualified"
                    errors.append(.invalid(place, .string(name), detail))
                }
                if type == "Container", !["cpu", "memory", "ephemeral-storage"].contains(name) {
                    let detail = "must be a standard resource for containers"
                    errors.append(.invalid(place, .string(name), detail))
                }
            }
        }
        return errors
    }

    private static func item(_ limit: JSON, _ path: FieldPath) -> [FieldError] {
        let lists = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"]
        let names = Set(lists.flatMap { limit[$0]?.object?.keys ?? [] })
        var errors: [FieldError] = []
        for name in names.sorted() {
            let value = { (list: String) in limit.at(list, name)?.string }
            func greater(_ left: String, _ right: String) -> (String, String)? {
                guard let first = value(left), let second = value(right),
                    QuantityText.compare(first, second) > 0
                else { return nil }
                return (first, second)
            }
            func refuse(_ list: String, _ shown: String, _ detail: String) {
                errors.append(.invalid(path[list].key(name), .string(shown), detail))
            }
            if let (low, high) = greater("min", "max") {
                refuse("min", low, "min value \(low) is greater than max value \(high)")
            }
            if let (low, high) = greater("min", "defaultRequest") {
                let detail = "min value \(low) is greater than default request value \(high)"
                refuse("defaultRequest", high, detail)
            }
            if let (low, high) = greater("defaultRequest", "max") {
                refuse(
                    "defaultRequest",
                    low,
                    "default request value \(low) is greater than max value \(high)"
                )
            }
            if let (low, high) = greater("defaultRequest", "default") {
                let detail = "default request value \(low) is greater than default limit value \(high)"
                refuse("defaultRequest", low, detail)
            }
            if let (low, high) = greater("min", "default") {
                refuse("default", low, "min value \(low) is greater than default value \(high)")
            }
            if let (low, high) = greater("default", "max") {
                refuse("default", high, "default value \(low) is greater than max value \(high)")
            }
            if let ratio = value("maxLimitRequestRatio"), QuantityText.compare(ratio, "1") < 0 {
                refuse("maxLimitRequestRatio", ratio, "ratio \(ratio) is less than 1")
            }
            if let ratio = value("maxLimitRequestRatio"), let low = value("min"), let high = value("max"),
                let shown = QuantityText(ratio), let least = QuantityText(low), let most = QuantityText(high),
                least.nanos > 0
            {
                let bound = Double(most.nanos) / Double(least.nanos)
                if Double(shown.nanos) / 1_000_000_000 > bound {
                    let text = String(format: "%f", bound)
                    refuse(
                        "maxLimitRequestRatio",
                        ratio,
                        "ratio \(ratio) is greater than max/min = \(text)"
                    )
                }
            }
        }
        return errors
    }
}
