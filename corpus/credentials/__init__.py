"""Recognise credentials in paths and settings: they would be published with the corpus.

The card, the manifest and the audit of a build contain its config. So a path such as
`s3://KEY:SECRET@bucket/news` is refused before anything is opened, and every message shows it as
`s3://***@bucket/news`. What counts as a credential:

    a user name or password     s3://KEY:SECRET@bucket   https://user:password@host
    a parameter of the query    ?secret_key=...   ?sig=...   ?X-Amz-Signature=...
    an access token             a word of a form that only a token has: hf_..., AKIA..., ghp_...
"""

from corpus.credentials.forms import HIDDEN, is_secret_name
from corpus.credentials.refusing import credential_in, masked, refusal, refuse_credentials

__all__ = [
    "HIDDEN",
    "credential_in",
    "is_secret_name",
    "masked",
    "refusal",
    "refuse_credentials",
]
