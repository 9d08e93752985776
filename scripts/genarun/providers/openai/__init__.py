"""OpenAI, and every service that speaks its protocol: texts, pictures, speech, films and embeddings.

Calls come in at `provider.py`; `link.py` carries them, each medium has its module, and `dialect.py` says where services differ.
"""

from genarun.providers.openai.provider import OpenAI as OpenAI
