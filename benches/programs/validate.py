"""Validates the benchmark's certificates with pyca/cryptography; see src/contender/process.rs for the protocol."""

import datetime
import json
import pathlib
import sys
import time

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store

folder = pathlib.Path(sys.argv[1])
at = datetime.datetime.fromtimestamp(int(sys.argv[2]), datetime.timezone.utc)
# The least that the library lets one ask of a CA.
any_ca = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)


class Scenario:
    def __init__(self, folder):
        roots = x509.load_pem_x509_certificates((folder / "roots.pem").read_bytes())
        self.intermediates = x509.load_pem_x509_certificates((folder / "intermediates.pem").read_bytes())
        leaves = (folder / "leaves.pem").read_bytes()
        self.leaves = [b"-----BEGIN" + leaf for leaf in leaves.split(b"-----BEGIN")[1:]]
        self.verifier = (
            PolicyBuilder()
            .store(Store(roots))
            .time(at)
            .extension_policies(ca_policy=any_ca, ee_policy=ExtensionPolicy.permit_all())
            .build_client_verifier()
        )

    def validate(self, first, count):
        leaves, verifier, intermediates = self.leaves, self.verifier, self.intermediates
        start = time.perf_counter_ns()
        for place in range(first, first + count):
            leaf = x509.load_pem_x509_certificate(leaves[place % len(leaves)])
            verifier.verify(leaf, intermediates)
        return time.perf_counter_ns() - start


scenarios = {}
for line in sys.stdin:
    slug, first, count = line.split()
    try:
        if slug not in scenarios:
            scenarios[slug] = Scenario(folder / slug)
        answer = {"ns": scenarios[slug].validate(int(first), int(count))}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
