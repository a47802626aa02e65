"""Personal data with a fixed form, and credentials: find them in texts, and replace them.

    candidates/      the places that could be a match: plain-Python definition, and kernel
    windows          a candidate with the text around it
    kinds            the types, with their placeholders
    emails, ip_addresses, cards, ibans, phones, national_ids, credentials
                     the exact checks of a candidate, one module a type
    detect           checks the candidates of a text; overlaps are resolved
    replace          placeholders, masks and surrogates
    redact           finds and replaces in a column of texts

Names and postal addresses have no fixed form, and are not found.
"""
