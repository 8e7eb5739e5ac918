import KubeModel

/// Small rules that many kinds share, with Kubernetes' texts.
enum Rules {
    static let nonNegative = "must be greater than or equal to 0"
    static let immutable = "field is immutable"

    static func nonNegative(_ object: JSON?, _ key: String, _ path: FieldPath) -> [FieldError] {
        guard let value = object?[key], let number = value.int, number < 0 else { return [] }
        return [.invalid(path[key], value, nonNegative)]
    }

    static func nonNegative(_ object: JSON?, _ keys: [String], _ path: FieldPath) -> [FieldError] {
        keys.flatMap { nonNegative(object, $0, path) }
    }

    static func port(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let number = value?.int, !(1...65_535).contains(number) else { return [] }
        return [.invalid(path, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
    }

    /// A port's number, or the name of one.
    static func portOrName(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard case .string(let name)? = value else { return port(value ?? 0, path) }
        return portName(name, path)
    }

    static func portName(_ name: String, _ path: FieldPath) -> [FieldError] {
        var problems: [String] = []
        if name.utf8.count > 15 { problems.append("must be no more than 15 characters") }
        let bytes = Array(name.utf8)
        if bytes.isEmpty || !bytes.allSatisfy({ NameRule.isLower($0) || NameRule.isDigit($0) || $0 == 45 }) {
            problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: NameRule.isLower) {
            problems.append("must contain at least one letter (a-z)")
        }
        if name.contains("--") { problems.append("must not contain consecutive hyphens") }
        if bytes.first == 45 || bytes.last == 45 { problems.append("must not begin or end with a hyphen") }
        return problems.map { .invalid(path, .string(name), $0) }
    }

    static func oneOf(_ value: JSON?, _ supported: [String], _ path: FieldPath) -> [FieldError] {
        guard let value, !supported.contains(value.string ?? "") else { return [] }
        return [.notSupported(path, value, supported)]
    }

    static func label(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let name = value?.string else { return [] }
        return NameRule.label.problems(of: name).map { .invalid(path, .string(name), $0) }
    }

    static func subdomain(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let name = value?.string else { return [] }
        return NameRule.subdomain.problems(of: name).map { .invalid(path, .string(name), $0) }
    }

    /// A name that may be left out.
    static func subdomain(given value: JSON?, _ path: FieldPath) -> [FieldError] {
        value == "" ? [] : subdomain(value, path)
    }

    static func qualifiedName(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        let name = value?.string ?? ""
        return NameRule.qualifiedNameProblems(name).map { .invalid(path, .string(name), $0) }
    }

    /// An address of either family.
    static func address(_ value: JSON, _ path: FieldPath) -> [FieldError] {
        let text = value.string ?? ""
        if IPv4(text) != nil || text.contains(":") { return [] }
        return [.invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    }

    /// A number that is not negative, or a percentage.
    static func countOrPercent(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        switch value {
        case .integer(let number)? where number < 0: return [.invalid(path, .integer(number), nonNegative)]
        case .string(let text)?:
            let digits = text.dropLast()
            if text.hasSuffix("%"), !digits.isEmpty, digits.utf8.allSatisfy(NameRule.isDigit) { return [] }
            return [
                .invalid(
                    path,
                    .string(text),
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                        + "regex used for validation is '[0-9]+%')"
                )
            ]
        default: return []
        }
    }

    static func notMoreThanAll(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard case .string(let text)? = value, text.hasSuffix("%"), let percent = Int(text.dropLast()),
            percent > 100
        else { return [] }
        return [.invalid(path, .string(text), "must not be greater than 100%")]
    }

    static func isZero(_ value: JSON?) -> Bool {
        switch value {
        case .integer(0)?: true
        case .string(let text)?: Int(text.dropLast()) == 0
        default: false
        }
    }

    /// An amount that is a quantity and not negative.
    static func quantity(_ value: JSON, _ path: FieldPath) -> [FieldError] {
        guard let text = value.string, let amount = QuantityText(text), amount.nanos < 0 else { return [] }
        return [.invalid(path, value, nonNegative)]
    }

    /// How long a token is to be good for, in seconds: from ten minutes to 2^32 seconds.
    static func tokenLifetime(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let value, let seconds = value.int else { return [] }
        if seconds < 600 { return [.invalid(path, value, "may not specify a duration less than 10 minutes")] }
        guard seconds > 1 << 32 else { return [] }
        return [.invalid(path, value, "may not specify a duration larger than 2^32 seconds")]
    }

    /// The values of a selector's requirement that compares with some.
    static func someValues(_ values: [JSON], _ requirement: FieldPath) -> [FieldError] {
        guard values.isEmpty else { return [] }
        return [
            .required(requirement["values"], "must be specified when `operator` is 'In' or 'NotIn'")
        ]
    }

    /// The values of a selector's requirement that only asks whether something is there.
    static func noValues(_ values: [JSON], _ requirement: FieldPath) -> [FieldError] {
        guard !values.isEmpty else { return [] }
        return [
            .forbidden(
                requirement["values"],
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            )
        ]
    }

    /// A label selector's parts.
    static func selector(_ selector: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let selector else { return [] }
        var errors = MetadataValidation.labels(selector["matchLabels"], path["matchLabels"])
        for (index, requirement) in selector.elements(of: "matchExpressions").enumerated() {
            let place = path["matchExpressions"][index]
            let values = requirement.elements(of: "values")
            switch requirement["operator"]?.string ?? "" {
            case "In", "NotIn": errors += someValues(values, place)
            case "Exists", "DoesNotExist": errors += noValues(values, place)
            default:
                errors.append(
                    .invalid(
                        place["operator"],
                        requirement["operator"] ?? "",
                        "not a valid selector operator"
                    )
                )
            }
            for problem in NameRule.qualifiedNameProblems(requirement["key"]?.string ?? "") {
                errors.append(.invalid(place["key"], requirement["key"] ?? "", problem))
            }
        }
        return errors
    }

    /// Whether a selector can be made of it; what is wrong with its labels counts, too.
    static func isReadable(_ selector: JSON) -> Bool { self.selector(selector, .root).isEmpty }

    static func isEmptySelector(_ selector: JSON) -> Bool {
        (selector["matchLabels"]?.object?.isEmpty ?? true)
            && selector.elements(of: "matchExpressions").isEmpty
    }
}

/// Matching of `LabelSelector` objects; a missing selector matches nothing, an empty one everything.
enum LabelSelection {
    static func matches(_ selector: JSON?, _ labels: JSON?) -> Bool {
        guard let selector, !selector.isNull else { return false }
        for (key, value) in selector["matchLabels"]?.object ?? [:] where labels?[key] != value {
            return false
        }
        for requirement in selector.elements(of: "matchExpressions") {
            let value = labels?[requirement["key"]?.string ?? ""]
            let values = requirement.elements(of: "values")
            let holds =
                switch requirement["operator"]?.string ?? "" {
                case "In": value.map(values.contains) ?? false
                case "NotIn": value.map { !values.contains($0) } ?? true
                case "Exists": value != nil
                case "DoesNotExist": value == nil
                default: false
                }
            if !holds { return false }
        }
        return true
    }
}
