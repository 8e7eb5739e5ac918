import Foundation
import KubeModel

extension CustomSchema {
    /// What is wrong with a value; paths as in Kubernetes' messages: `spec.parts[0].name`.
    func validate(_ value: JSON, _ path: String) -> [FieldError] {
        var errors: [FieldError] = []
        validate(value, path, &errors)
        return errors
    }

    private func validate(_ value: JSON, _ path: String, _ errors: inout [FieldError]) {
        if value.isNull, isNullable { return }
        guard isRightType(value) else {
            let found = Self.typeName(value)
            let wanted = isIntOrString ? "integer,string" : type ?? ""
            errors.append(
                FieldError(
                    reason: .typeInvalid,
                    field: path,
                    message:
                        "Invalid value: \(found.goQuoted): \(Self.subject(path)) in body must be of type \(wanted): "
                        + found.goQuoted
                )
            )
            return
        }
        if !allowed.isEmpty, !allowed.contains(value), !allowed.contains(value.withWholeNumbers) {
            errors.append(
                .notSupported(.child(.root, path), value, allowed.map { $0.string ?? $0.text })
            )
        }
        switch value {
        case .object(let object): validate(object, path, &errors)
        case .array(let elements): validate(elements, path, &errors)
        case .string(let text): validate(text, path, &errors)
        case .integer, .double, .number: validate(number: value, path, &errors)
        default: break
        }
        validateAlternatives(value, path, &errors)
    }

    // MARK: Types

    private func isRightType(_ value: JSON) -> Bool {
        if isIntOrString {
            switch value {
            case .integer, .string: return true
            case .double(let number): return number == number.rounded()
            default: return false
            }
        }
        guard let type else { return true }
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
            ("integer", .integer),
            ("number", .integer), ("number", .double), ("number", .number):
            return true
        case ("integer", .double(let number)): return number == number.rounded()
        case ("integer", .number): return true
        default: return false
        }
    }

    private static func typeName(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    private static func subject(_ path: String) -> String { path.isEmpty ? "" : path }

    private func fail(_ path: String, _ value: JSON, _ text: String) -> FieldError {
        .invalid(.child(.root, path), value, "\(path) in body \(text)")
    }

    // MARK: Objects and lists

    private func validate(_ object: JSONObject, _ path: String, _ errors: inout [FieldError]) {
        if let maximum = limits.maxProperties, object.count > maximum {
            errors.append(.tooMany(.child(.root, path), object.count, maximum: maximum))
        }
        if let minimum = limits.minProperties, object.count < minimum {
            errors.append(
                fail(path, .integer(Int64(object.count)), "should have at least \(minimum) properties")
            )
        }
        for name in required where object[name] == nil {
            errors.append(.required(.child(.root, path.isEmpty ? name : "\(path).\(name)")))
        }
        for (key, member) in object {
            let place = path.isEmpty ? key : "\(path).\(key)"
            if let schema = property(key) {
                schema.validate(member, place, &errors)
            } else if case .schema(let schema) = additional {
                schema.validate(member, place, &errors)
            }
        }
    }

    private func validate(_ elements: [JSON], _ path: String, _ errors: inout [FieldError]) {
        if let maximum = limits.maxItems, elements.count > maximum {
            errors.append(.tooMany(.child(.root, path), elements.count, maximum: maximum))
        }
        if let minimum = limits.minItems, elements.count < minimum {
            errors.append(
                fail(path, .integer(Int64(elements.count)), "should have at least \(minimum) items")
            )
        }
        if limits.uniqueItems, Set(elements).count < elements.count {
            errors.append(fail(path, .array(elements), "shouldn't contain duplicates"))
        }
        if let schema = items.first {
            for (index, element) in elements.enumerated() {
                schema.validate(element, "\(path)[\(index)]", &errors)
            }
        }
    }

    // MARK: Texts and numbers

    private func validate(_ text: String, _ path: String, _ errors: inout [FieldError]) {
        let length = text.unicodeScalars.count
        if let maximum = limits.maxLength, length > maximum {
            errors.append(.tooLong(.child(.root, path), maximum: maximum))
            return
        }
        if let minimum = limits.minLength, length < minimum {
            errors.append(fail(path, .string(text), "should be at least \(minimum) chars long"))
            return
        }
        if let pattern, let patternText {
            let range = NSRange(text.startIndex..., in: text)
            if pattern.firstMatch(in: text, range: range) == nil {
                errors.append(fail(path, .string(text), "should match '\(patternText)'"))
                return
            }
        }
        if let format, type == "string", !TextFormat.holds(format, text) {
            errors.append(
                FieldError(
                    reason: .typeInvalid,
                    field: path,
                    message:
                        "Invalid value: \(text.goQuoted): \(path) in body must be of type \(format): \(text.goQuoted)"
                )
            )
        }
    }

    private func validate(number value: JSON, _ path: String, _ errors: inout [FieldError]) {
        guard let number = value.number else { return }
        if let maximum = limits.maximum, limits.excludesMaximum ? number >= maximum : number > maximum {
            let relation = limits.excludesMaximum ? "less than" : "less than or equal to"
            errors.append(fail(path, value, "should be \(relation) \(Self.text(maximum))"))
        }
        if let minimum = limits.minimum, limits.excludesMinimum ? number <= minimum : number < minimum {
            let relation = limits.excludesMinimum ? "greater than" : "greater than or equal to"
            errors.append(fail(path, value, "should be \(relation) \(Self.text(minimum))"))
        }
        if let factor = limits.multipleOf, factor != 0 {
            let quotient = number / factor
            if quotient != quotient.rounded() {
                errors.append(fail(path, value, "should be a multiple of \(Self.text(factor))"))
            }
        }
    }

    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    // MARK: Combinations

    private func validateAlternatives(_ value: JSON, _ path: String, _ errors: inout [FieldError]) {
        for schema in allOf { schema.validate(value, path, &errors) }
        if !anyOf.isEmpty, !anyOf.contains(where: { $0.validate(value, path).isEmpty }) {
            errors.append(
                .invalid(
                    .child(.root, path),
                    value,
                    "\(path) in body must validate at least one schema (anyOf)"
                )
            )
        }
        if !oneOf.isEmpty {
            let matches = oneOf.count { $0.validate(value, path).isEmpty }
            if matches != 1 {
                errors.append(
                    .invalid(
                        .child(.root, path),
                        value,
                        "\(path) in body must validate one and only one schema (oneOf)"
                    )
                )
            }
        }
        if let schema = not.first, schema.validate(value, path).isEmpty {
            errors.append(
                .invalid(.child(.root, path), value, "\(path) in body must not validate the schema (not)")
            )
        }
    }
}

/// The formats of texts that Kubernetes checks.
enum TextFormat {
    static func holds(_ format: String, _ text: String) -> Bool {
        switch format {
        case "date-time", "datetime":
            do {
                _ = try WireTime(text)
                return true
            } catch {
                return false
            }
        case "date":
            do {
                _ = try WireTime(text + "T00:00:00Z")
                return true
            } catch {
                return false
            }
        case "byte": return Base64Text.firstProblem(in: text) == nil
        case "ipv4": return IPv4(text) != nil
        case "uuid", "uuid3", "uuid4", "uuid5": return UUID(uuidString: text) != nil
        case "uri": return URL(string: text)?.scheme != nil
        case "email": return text.contains("@") && !text.hasPrefix("@") && !text.hasSuffix("@")
        case "duration": return isDuration(text)
        default: return true
        }
    }

    /// `1h30m`, as Go writes durations.
    private static func isDuration(_ text: String) -> Bool {
        var rest = text[...]
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
        if rest == "0" { return true }
        guard !rest.isEmpty else { return false }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            guard !number.isEmpty, Double(number) != nil else { return false }
            rest = rest.dropFirst(number.count)
            guard let unit = ["ns", "us", "µs", "ms", "h", "m", "s"].first(where: rest.hasPrefix) else {
                return false
            }
            rest = rest.dropFirst(unit.count)
        }
        return true
    }
}
