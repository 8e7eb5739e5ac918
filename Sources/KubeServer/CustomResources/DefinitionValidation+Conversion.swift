import Foundation
import KubeModel

extension DefinitionValidation {
    /// The review versions that a conversion webhook may speak.
    private static let reviewVersions = ["v1", "v1beta1"]

    static func conversion(_ conversion: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let conversion, !conversion.isNull else { return [] }
        var errors: [FieldError] = []
        let strategy = conversion["strategy"]?.string ?? ""
        if strategy.isEmpty {
            errors.append(.required(path["strategy"]))
        } else {
            errors += Rules.oneOf(conversion["strategy"], ["None", "Webhook"], path["strategy"])
        }
        let webhook = conversion["webhook"] ?? [:]
        let client = webhook["clientConfig"]
        let versions = webhook.elements(of: "conversionReviewVersions")
        guard strategy == "Webhook" else {
            let detail = "should not be set when strategy is not set to Webhook"
            if client != nil { errors.append(.forbidden(path["webhookClientConfig"], detail)) }
            if !versions.isEmpty { errors.append(.forbidden(path["conversionReviewVersions"], detail)) }
            return errors
        }
        if let client {
            errors += self.client(client, path["webhookClientConfig"])
        } else {
            errors.append(
                .required(path["webhookClientConfig"], "required when strategy is set to Webhook")
            )
        }
        return errors + reviews(versions, path["conversionReviewVersions"])
    }

    private static func client(_ client: JSON, _ path: FieldPath) -> [FieldError] {
        if client.lacks("url") == client.lacks("service") {
            return [.required(path, "exactly one of url or service is required")]
        }
        if let url = client["url"]?.string { return self.url(url, path["url"]) }
        let service = client["service"] ?? [:]
        var errors: [FieldError] = []
        for key in ["name", "namespace"] where (service[key]?.string ?? "").isEmpty {
            errors.append(.required(path["service"][key], "service \(key) is required"))
        }
        if let port = service["port"]?.int, !(1...65_535).contains(port) {
            errors.append(
                .invalid(
                    path["service"]["port"],
                    .integer(Int64(port)),
                    "port is not valid: must be between 1 and 65535, inclusive"
                )
            )
        }
        return errors
    }

    private static func url(_ text: String, _ path: FieldPath) -> [FieldError] {
        let form = "; desired format: https://host[/path]"
        guard let url = URLComponents(string: text) else {
            return [.required(path, "url must be a valid URL: parse \(text.goQuoted)\(form)")]
        }
        var errors: [FieldError] = []
        func refuse(_ value: String, _ detail: String) {
            errors.append(.invalid(path, .string(value), detail))
        }
        if url.scheme != "https" {
            refuse(url.scheme ?? "", "'https' is the only allowed URL scheme\(form)")
        }
        if (url.host ?? "").isEmpty { refuse("", "host must be specified\(form)") }
        if let user = url.user { refuse(user, "user information is not permitted in the URL") }
        if let fragment = url.fragment { refuse(fragment, "fragments are not permitted in the URL") }
        if let query = url.query { refuse(query, "query parameters are not permitted in the URL") }
        return errors
    }

    private static func reviews(_ versions: [JSON], _ path: FieldPath) -> [FieldError] {
        if versions.isEmpty { return [.required(path)] }
        var errors: [FieldError] = []
        var seen: Set<JSON> = []
        for (index, version) in versions.enumerated() {
            guard seen.insert(version).inserted else {
                errors.append(.invalid(path[index], version, "duplicate version"))
                continue
            }
            for problem in NameRule.label1035.problems(of: version.string ?? "") {
                errors.append(.invalid(path[index], version, problem))
            }
        }
        if !versions.contains(where: { reviewVersions.contains($0.string ?? "") }) {
            let list = reviewVersions.joined(separator: ", ")
            errors.append(.invalid(path, .array(versions), "must include at least one of \(list)"))
        }
        return errors
    }

    // MARK: Approval

    static let approvalAnnotation = "api-approved.kubernetes.io"

    /// How far an API below `k8s.io` is approved, and why: what a condition says of it, too.
    enum Approval: Equatable {
        case missing, invalid, bypassed, approved

        init(_ annotation: String) {
            let url = URLComponents(string: annotation)
            if annotation.isEmpty {
                self = .missing
            } else if annotation.hasPrefix("unapproved") {
                self = .bypassed
            } else if !(url?.scheme ?? "").isEmpty, !(url?.host ?? "").isEmpty {
                self = .approved
            } else {
                self = .invalid
            }
        }

        func detail(_ annotation: String) -> String {
            let key = DefinitionValidation.approvalAnnotation
            let link = "see https://github.com/kubernetes/enhancements/pull/1111"
            return switch self {
            case .missing: "protected groups must have approval annotation \"\(key)\", \(link)"
            case .invalid:
                "protected groups must have approval annotation \"\(key)\" with either a URL or a reason starting "
                    + "with \"unapproved\", \(link)"
            case .bypassed: "not approved: \(annotation.goQuoted)"
            case .approved: "approved in \(annotation)"
            }
        }
    }

    /// Whether the group belongs to Kubernetes' community.
    static func isProtected(_ group: String) -> Bool {
        ["k8s.io", "kubernetes.io"].contains { group == $0 || group.hasSuffix(".\($0)") }
    }

    static func approval(_ object: KubeObject, _ group: String, before old: KubeObject?) -> [FieldError] {
        guard isProtected(group) else { return [] }
        let value = object.annotation(approvalAnnotation) ?? ""
        let state = Approval(value)
        if let old, Approval(old.annotation(approvalAnnotation) ?? "") == state { return [] }
        let place = FieldPath("metadata", "annotations").key(approvalAnnotation)
        switch state {
        case .approved, .bypassed: return []
        case .missing: return [.required(place, state.detail(value))]
        case .invalid: return [.invalid(place, .string(value), state.detail(value))]
        }
    }
}
