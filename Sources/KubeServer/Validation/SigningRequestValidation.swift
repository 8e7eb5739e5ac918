import Foundation
import KubeModel
import SwiftASN1
import X509

/// Rules for requests to sign a certificate.
enum SigningRequestValidation {
    static let usages = [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign",
        "data encipherment", "decipher only", "digital signature", "email protection", "encipher only",
        "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment",
        "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ]

    static func validate(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        if let problem = problem(ofRequest: spec["request"]?.string ?? "") {
            errors.append(.invalid(path["request"], spec["request"] ?? .null, problem))
        }
        let usages = spec.elements(of: "usages")
        if usages.isEmpty { errors.append(.required(path["usages"])) }
        for (index, usage) in usages.enumerated() {
            errors += Rules.oneOf(usage, Self.usages, path["usages"][index])
        }
        for (index, usage) in usages.enumerated() where usages[..<index].contains(usage) {
            errors.append(.duplicate(path["usages"][index], usage))
        }
        errors += signer(spec["signerName"]?.string ?? "", path["signerName"])
        if let life = spec["expirationSeconds"], life.int ?? 0 < 600 {
            let detail = "may not specify a duration less than 600 seconds (10 minutes)"
            errors.append(.invalid(path["expirationSeconds"], life, detail))
        }
        return errors + conditions(object.at("status", "conditions")?.array ?? [])
    }

    private static func problem(ofRequest text: String) -> String? {
        guard let bytes = Base64Text.decoded(text), let pem = String(bytes: bytes, encoding: .utf8),
            pem.contains("-----BEGIN CERTIFICATE REQUEST-----")
        else { return "PEM block type must be CERTIFICATE REQUEST" }
        do {
            _ = try CertificateSigningRequest(pemEncoded: pem)
            return nil
        } catch {
            return "asn1: structure error: malformed certificate request"
        }
    }

    private static func signer(_ name: String, _ path: FieldPath) -> [FieldError] {
        if name.isEmpty { return [.required(path)] }
        if name == "kubernetes.io/legacy-unknown" {
            return [
                .invalid(path, .string(name), "the legacy signerName is not allowed via this API version")
            ]
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
            return [.invalid(path, .string(name), detail)]
        }
        var errors: [FieldError] = NameRule.subdomain.problems(of: parts[0]).map {
            .invalid(path, .string(parts[0]), $0)
        }
        if parts[0].split(separator: ".").count < 2 {
            errors.append(
                .invalid(
                    path,
                    .string(parts[0]),
                    "should be a domain with at least two segments separated by dots"
                )
            )
        }
        errors += NameRule.subdomain.problems(of: parts[1]).map { .invalid(path, .string(parts[1]), $0) }
        return errors
    }

    private static func conditions(_ conditions: [JSON]) -> [FieldError] {
        let path = FieldPath("status", "conditions")
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, condition) in conditions.enumerated() {
            let type = condition["type"]?.string ?? ""
            if type.isEmpty { errors.append(.required(path[index]["type"])) }
            if !seen.insert(type).inserted {
                errors.append(.duplicate(path[index]["type"], .string(type)))
            }
            let isFinal = ["Approved", "Denied", "Failed"].contains(type)
            if isFinal {
                errors += Rules.oneOf(condition["status"] ?? "", ["True"], path[index]["status"])
            } else {
                let known = ["False", "True", "Unknown"]
                errors += Rules.oneOf(condition["status"] ?? "", known, path[index]["status"])
            }
        }
        if seen.isSuperset(of: ["Approved", "Denied"]) {
            let index =
                conditions.lastIndex { ["Approved", "Denied"].contains($0["type"]?.string ?? "") } ?? 0
            let type = conditions[index]["type"]?.string ?? ""
            let detail = "Approved and Denied conditions are mutually exclusive"
            errors.append(.invalid(path[index]["type"], .string(type), detail))
        }
        return errors
    }
}

/// What the server itself keeps of a request to sign a certificate.
enum SigningRequestPreparation {
    /// The spec never changes, whatever a client sends.
    static func update(_ object: inout KubeObject, _ old: KubeObject) { object["spec"] = old["spec"] }

    /// Conditions that came or changed get the times that they lack.
    static func stamp(_ object: inout KubeObject, _ old: KubeObject) {
        let before = old.at("status", "conditions")?.array ?? []
        let now = JSON.string(WireTime.now().text())
        object.json.edit("status") { status in
            status.editElements(of: "conditions") { condition in
                if condition.lacks("lastUpdateTime") { condition["lastUpdateTime"] = now }
                guard condition.lacks("lastTransitionTime") else { return }
                let known = before.first {
                    $0["type"] == condition["type"] && $0["status"] == condition["status"]
                }
                condition["lastTransitionTime"] = known?["lastTransitionTime"] ?? now
            }
        }
    }
}
