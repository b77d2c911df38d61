"""The only home of AWS: state and ledger in DynamoDB, manifests in S3, secrets by KMS, queues, schedules, machines."""
