"""The places in a text that could be personal data: what they are, and the kernel that finds them.

folding      full-width digits, other scripts' digits, dashes and spaces as ASCII
definition   plain-Python definition of a candidate
scan         the kernel that finds the same candidates in Arrow's buffers
"""
