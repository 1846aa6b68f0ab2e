//! The published JSON schemas are judges that can say no.

use bastide_testkit::judge::schemas::{Schemas, complaints};
use serde_json::json;

/// The judge must be able to say no.
#[test]
fn the_schemas_refuse_broken_documents() {
    let Some(schemas) = Schemas::load() else { return };
    for (schema, document) in [
        (&schemas.osv, json!({"id": "PYSEC-2024-1"})),
        (&schemas.osv, json!({"id": "PYSEC-2024-1", "modified": "yesterday"})),
        (&schemas.osv, json!({"id": "PYSEC-2024-1", "modified": "2024-01-01T00:00:00Z", "extra": 1})),
        (&schemas.cve, json!({"dataType": "CVE_RECORD", "dataVersion": "5.2.0"})),
        (&schemas.csaf, json!({"document": {"category": "csaf_security_advisory"}})),
    ] {
        assert!(!complaints(schema, &document).is_empty(), "{document}");
    }
}
